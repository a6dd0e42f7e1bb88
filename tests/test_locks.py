"""Each lock is complete, so that an install resolves nothing: what the locked packages ask for is in it.

What is asked for is read from the packages that are installed here, which are those of the three
locks below. `make test-install` asks the registry the same about all locks, on every platform.
"""

import re
import subprocess
import sys
import tomllib
from collections import deque
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^[\w.-]+==[^\\\n]+", re.MULTILINE)
GROUPS = {
    "requirements.lock": [],
    "requirements-demo.lock": ["demo"],
    "requirements-dev.lock": ["demo", "dev"],
}
ENVIRONMENTS = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.0",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
    }
    for minor in (11, 12, 13, 14)
]


def declared(groups):
    """Return what pyproject.toml asks for: the product's dependencies and those of the groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = list(project["project"]["dependencies"])
    for group in groups:
        texts += [text for text in project["dependency-groups"][group] if isinstance(text, str)]
    return [Requirement(text) for text in texts]


def locked(text, environment):
    """Return the versions by name that a lock has for an environment."""
    pins = [Requirement(pin) for pin in PINNED.findall(text)]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def asked_by(wish, environment):
    """Return what an installed package asks for, with the extras that are wished; [] if absent."""
    try:
        texts = metadata.requires(wish.name) or []
    except metadata.PackageNotFoundError:
        return []

    asked = [Requirement(text) for text in texts]
    extras = {"", *wish.extras}
    return [
        one
        for one in asked
        if one.marker is None
        or any(one.marker.evaluate({**environment, "extra": extra}) for extra in extras)
    ]


def lacking(wishes, versions, environment):
    """Return the names that are asked for, directly or not, and not locked in a fitting version."""
    found = set()
    seen = set()
    queue = deque(wishes)

    while queue:
        wish = queue.popleft()
        name = canonicalize_name(wish.name)
        key = (name, frozenset(wish.extras), str(wish.specifier))
        if key in seen:
            continue

        seen.add(key)
        if name not in versions or not wish.specifier.contains(versions[name], prereleases=True):
            found.add(name)
        queue.extend(asked_by(wish, environment))

    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: one["python_version"])
@pytest.mark.parametrize("lock", GROUPS)
def test_whatever_a_locked_package_asks_for_is_locked(lock, environment):
    versions = locked((ROOT / lock).read_text(), environment)
    assert lacking(declared(GROUPS[lock]), versions, environment) == set()


@pytest.mark.parametrize(
    ("name", "version"),
    [("brotli", None), ("mako", None), ("greenlet", "0.1")],
    ids=["only an extra asks for it", "a package asks for it", "too old"],
)
def test_a_lock_that_lacks_something_is_refused(name, version):
    environment = ENVIRONMENTS[0]
    versions = locked((ROOT / "requirements.lock").read_text(), environment)

    if version is None:
        del versions[name]
    else:
        versions[name] = version

    assert lacking(declared([]), versions, environment) == {name}


@pytest.mark.integration
def test_what_is_installed_here_fits_together():
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert (done.returncode, done.stdout) == (0, "No broken requirements found.\n")


@pytest.mark.integration
def test_every_install_of_a_lock_resolves_nothing_and_builds_nothing():
    """Whatever names a lock and pip's or uv's install says so.

    README's and the pages' commands, too.
    """
    options = {"--no-deps", "--only-binary", "--require-hashes"}
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    paths = [
        ROOT / name
        for name in listed.stdout.splitlines()
        if name.endswith((".md", ".sh", ".yml", "Dockerfile", "containerfile", "Makefile"))
    ]
    commands = [
        (path.name, command)
        for path in paths
        for command in re.findall(
            r"pip[\"']? install(?:\\\n|[^\n])*\s-r(?:\\\n|[^\n])*", path.read_text()
        )
    ]

    assert [one for one in commands if not options <= set(one[1].split())] == []
    assert {name for name, _ in commands} == {"Dockerfile", "install.sh"}
