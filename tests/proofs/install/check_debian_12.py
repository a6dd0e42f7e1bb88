"""`make demo` on a bare Debian 12. Run by `make test-install`."""

import pytest

from tests.proofs.install import first_demo


@pytest.mark.parametrize("name", ["root", "person"])
def test_the_first_demo_makes_its_reports(name, tmp_path):
    first_demo.type_it("bookworm", name, tmp_path)
