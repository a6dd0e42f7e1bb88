"""README's first command, typed on a bare Debian. Run by `make test-install`."""

import re
import shutil

import pytest

from tests.proofs.install import roots

NAMED = re.compile(r"^    ((?:su|sudo) .+)$", re.MULTILINE)


@pytest.fixture(
    params=[
        pytest.param((suite, name), id=f"{suite}-{name}", marks=pytest.mark.xdist_group(suite))
        for suite in ("bookworm", "trixie")
        for name in ("root", "person")
    ]
)
def newcomer(request, bare, tmp_path):
    """Somebody with a fresh clone on a bare Debian: root, or an account that may install nothing."""
    suite, name = request.param
    root = bare(suite).copy(tmp_path / "root")
    yield roots.person(root, name)
    shutil.rmtree(root.path)


def test_the_first_demo_makes_its_reports(newcomer):
    """Whoever may not install Debian's packages is told a command; after it, exactly as printed, nothing is missing."""
    if newcomer.name != "root":
        refused = newcomer.types("make demo")
        assert refused.returncode != 0
        (command,) = NAMED.findall(refused.stdout)
        newcomer.root.must("sh", "-c", command)

    done = newcomer.types("make demo")

    assert done.returncode == 0, done.stdout[-4000:]
    assert "setup: ready" in done.stdout
    assert len(list(newcomer.clone.glob("var/demo/reports/**/*.pdf"))) >= 16

    again = newcomer.types("sh demo/setup.sh")
    assert (again.returncode, "from Debian" in again.stdout) == (0, False), again.stdout
