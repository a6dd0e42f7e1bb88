"""Each lock is complete: what its packages ask for is in it.

Run by `make test-install`; asks the registry for metadata.
"""

import re
import subprocess

import pytest

from deploy.supply import audit
from tests.proofs.install.roots import ROOT

PINNED = re.compile(r"^[\w.-]+==[^\\\n]+", re.MULTILINE)


def pins(text):
    """Every pin with its marker, as uv writes them."""
    return sorted(pin.strip() for pin in PINNED.findall(text))


@pytest.fixture(scope="module")
def resolved(tmp_path_factory):
    """Resolve pins again as if they were wishes, for every platform and each Python from 3.11."""
    place = tmp_path_factory.mktemp("locks")
    uv = place / "venv/bin/uv"
    command = ["sh", "demo/install.sh", place / "venv", "requirements-install.lock"]
    subprocess.run(command, cwd=ROOT, timeout=300, check=True)

    def of(lines):
        wishes = place / "wishes.txt"
        wishes.write_text("\n".join(lines))
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        done = subprocess.run(
            [*command, "--no-header", "--no-annotate", wishes],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return pins(done.stdout)

    return of


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_whatever_a_locked_package_asks_for_is_locked_in_a_version_that_fits(resolved, lock):
    locked = pins((ROOT / lock).read_text())
    assert resolved(locked) == locked


def test_a_lock_that_lacks_something_is_told_from_a_complete_one(resolved):
    locked = pins((ROOT / "requirements.lock").read_text())
    (lacking,) = [pin for pin in locked if pin.startswith("brotli==")]
    rest = [pin for pin in locked if pin != lacking]

    assert set(resolved(rest)) > set(rest)
