"""The locks install on Debian 12, by its own pip, also when everything has a newer release. Run by `make test-install`."""

import re
from pathlib import Path

import pytest

from deploy.supply import audit
from tests.proofs.install import roots, tomorrow

PINNED = re.compile(r"^([\w.-]+)==([\w.+!]+)", re.MULTILINE)
# The product and the demo are in the lock of the tests.
DISJOINT = sorted({*audit.LOCKS} - {"requirements.lock", "requirements-demo.lock"})
OLD_COMMAND = "-m pip install --quiet --disable-pip-version-check --require-hashes -r"

pytestmark = pytest.mark.xdist_group("bookworm")


@pytest.fixture(scope="module")
def newcomer(bare, tmp_path_factory):
    """Root of a Debian 12 with its Python, and with every locked wheel in `wheels` beside the clone."""
    root = bare("bookworm").copy(tmp_path_factory.mktemp("tomorrow") / "root")
    root.must("apt-get", "update", "-qq", "-o", "Acquire::Retries=3")
    root.must("apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv")
    newcomer = roots.person(root, "root")
    root.must("python3", "-m", "venv", "/root/pip")
    for lock in DISJOINT:
        command = (
            "/root/pip/bin/pip download --quiet --no-deps --only-binary :all: --require-hashes"
        )
        done = newcomer.types(f"{command} --dest /root/wheels -r {lock}")
        assert done.returncode == 0, done.stdout
    return newcomer


@pytest.fixture(scope="module")
def index(newcomer):
    """The address of an index with all that is locked, and with a newer release of each."""
    home = newcomer.clone.parent
    tomorrow.lay_out(home / "wheels", home / "index")
    with tomorrow.serve(home / "index") as address:
        yield address


def installed(newcomer, folder):
    """Name and version of everything in a virtual environment but pip and its companions."""
    listed = newcomer.types(f"{folder}/bin/python -m pip list --format=freeze").stdout
    names = ("pip", "setuptools", "uv", "wheel")
    return {pair for pair in PINNED.findall(listed) if pair[0] not in names}


def normalized(pairs):
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in pairs}


def test_the_index_is_one_that_a_resolving_pip_fails_on(newcomer, index):
    """What `make demo` did before: pip 23.0.1 takes the newest fonttools for `fonttools[woff]`, and refuses it."""
    assert "pip 23.0.1 " in newcomer.types("/root/pip/bin/pip --version").stdout
    done = newcomer.types(
        f"PIP_INDEX_URL={index} /root/pip/bin/python {OLD_COMMAND} requirements.lock"
    )
    assert done.returncode == 1
    assert "all requirements must have their versions pinned" in done.stdout
    assert f"fonttools-{tomorrow.NEWER}" in done.stdout


@pytest.mark.parametrize("setting", ["PIP_INDEX_URL", "UV_DEFAULT_INDEX"], ids=["pip", "uv"])
@pytest.mark.parametrize("lock", audit.LOCKS)
def test_a_lock_installs_as_it_is(newcomer, index, lock, setting):
    """By pip where pip's settings name the index, else by uv; nothing newer, nothing else, nothing missing."""
    folder = f"/root/{setting}/{Path(lock).parent.name}{Path(lock).stem}"
    done = newcomer.types(f"{setting}={index} sh demo/install.sh {folder} {lock}")

    assert done.returncode == 0, done.stdout
    assert ("pip installs" in done.stdout) == (setting == "PIP_INDEX_URL"), done.stdout
    assert "No broken requirements found." in done.stdout

    here = normalized(installed(newcomer, folder))
    locked = normalized(PINNED.findall((newcomer.clone / lock).read_text()))
    assert here <= locked
    assert len(here) >= len(locked) * 0.8 or lock == "requirements-install.lock"


def test_pip_installs_where_uv_does_not_get_through(newcomer, index):
    """uv is told an address where nobody answers; what comes from pip's is checked against the same hashes."""
    command = "UV_DEFAULT_INDEX=http://127.0.0.1:9/simple UV_HTTP_RETRIES=0 sh demo/install.sh"
    done = newcomer.types(f"{command} /root/refused requirements-install.lock")
    assert done.returncode == 0, done.stdout
    assert "uv cannot install here: pip installs" in done.stdout


def test_an_install_that_was_interrupted_is_made_again(newcomer, index):
    begun = "mkdir -p /root/half/bin && touch /root/half/.begun"
    done = newcomer.types(
        f"{begun} && PIP_INDEX_URL={index} sh demo/install.sh /root/half requirements-install.lock"
    )
    assert done.returncode == 0, done.stdout
    assert (
        newcomer.types("/root/half/bin/uv --version && ! test -e /root/half/.begun").returncode == 0
    )
