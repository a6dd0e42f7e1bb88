"""The locks install on Debian 12, by its own pip, also when everything has a newer release.

Run by `make test-install`.
"""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply import audit
from tests.proofs.install import roots, tomorrow

PINNED = re.compile(r"^[\w.-]+==[^\\\n]+", re.MULTILINE)
# The product and the demo are in the lock of the tests.
DISJOINT = sorted({*audit.LOCKS} - {"requirements.lock", "requirements-demo.lock"})
OLD_COMMAND = "-m pip install --quiet --disable-pip-version-check --require-hashes -r"


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    """Root of a Debian 12 with its Python, and with every locked wheel in `wheels` beside the clone."""
    root = roots.debian("bookworm", tmp_path_factory.mktemp("tomorrow") / "root")
    root.must("apt-get", "update", "-qq", "-o", "Acquire::Retries=3")
    root.must("apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv")
    newcomer = roots.person(root, "root")
    root.must("python3", "-m", "venv", "pip")
    # Nothing that is installed is run, so it need not be compiled. (With pip, "no" turns this option on.)
    root.must("sh", "-c", "printf '[install]\\nno-compile = no\\n' >>/etc/pip.conf")
    for lock in DISJOINT:
        command = "../pip/bin/pip download --quiet --no-deps --only-binary :all: --require-hashes"
        done = newcomer.types(f"{command} --dest ../wheels -r {lock}")
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
    """Name and version of everything in a virtual environment but what brought it there."""
    listed = newcomer.types(f"{folder}/bin/python -m pip list --format=freeze").stdout
    tools = {"pip", "setuptools", "uv"}
    pairs = [line.split("==") for line in listed.splitlines() if "==" in line]
    return {canonicalize_name(name): version for name, version in pairs if name not in tools}


def locked(newcomer, lock):
    """Name and version of everything that a lock has for Debian 12's Python."""
    debian = {"python_version": "3.11", "python_full_version": "3.11.2"}
    wanted = [Requirement(pin) for pin in PINNED.findall((newcomer.clone / lock).read_text())]
    return {
        one.name: str(one.specifier).removeprefix("==")
        for one in wanted
        if one.name not in {"pip", "uv"} and (not one.marker or one.marker.evaluate(debian))
    }


def test_the_index_is_one_that_a_resolving_pip_fails_on(newcomer, index):
    """What `make demo` did before.

    Pip 23.0.1 takes the newest fonttools for `fonttools[woff]`, and refuses it.
    """
    assert "pip 23.0.1 " in newcomer.types("../pip/bin/pip --version").stdout
    done = newcomer.types(
        f"PIP_INDEX_URL={index} ../pip/bin/python {OLD_COMMAND} requirements.lock"
    )
    assert done.returncode == 1
    assert "all requirements must have their versions pinned" in done.stdout
    assert f"fonttools-{tomorrow.NEWER}" in done.stdout


@pytest.mark.parametrize(
    ("lock", "setting"),
    [(lock, "PIP_INDEX_URL") for lock in audit.LOCKS]
    + [(lock, "UV_DEFAULT_INDEX") for lock in ("requirements-demo.lock", "requirements-dev.lock")],
)
def test_a_lock_installs_as_it_is(newcomer, index, lock, setting):
    """By pip where pip's settings name the index, else by uv.

    Nothing newer, nothing else, nothing missing.
    """
    folder = f"../{setting}/{Path(lock).parent.name}{Path(lock).stem}"
    done = newcomer.types(f"{setting}={index} sh demo/install.sh {folder} {lock}")

    assert done.returncode == 0, done.stdout
    assert ("pip installs" in done.stdout) == (setting == "PIP_INDEX_URL"), done.stdout

    assert installed(newcomer, folder) == locked(newcomer, lock)


def test_pip_installs_where_uv_does_not_get_through(newcomer):
    """Given an address where nobody answers, uv gives up.

    What comes from pip's is checked against the same hashes.
    """
    newcomer.types("sed -n '/^idna==/,/# via/p' requirements-demo.lock >../idna.lock")
    nowhere = "UV_DEFAULT_INDEX=http://127.0.0.1:9/simple UV_HTTP_RETRIES=0"

    done = newcomer.types(f"{nowhere} sh demo/install.sh ../refused ../idna.lock")

    assert done.returncode == 0, done.stdout
    assert "uv cannot install here: pip installs" in done.stdout
    assert set(installed(newcomer, "../refused")) == {"idna"}


def test_an_install_that_was_interrupted_is_made_again(newcomer, index):
    begun = "mkdir -p ../half/bin && touch ../half/.begun"
    done = newcomer.types(
        f"{begun} && PIP_INDEX_URL={index} sh demo/install.sh ../half requirements-install.lock"
    )

    assert done.returncode == 0, done.stdout
    assert newcomer.types("../half/bin/uv --version && ! test -e ../half/.begun").returncode == 0
