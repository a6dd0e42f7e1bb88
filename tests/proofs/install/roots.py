"""Bare Debian root file systems, and people who type commands in them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@dataclass(frozen=True)
class Root:
    """A Debian root file system that commands can be run in."""

    path: Path

    def run(self, *command: str, timeout_s: int = 900) -> subprocess.CompletedProcess[str]:
        """Run a command as root; stdout holds stderr, too.

        Raise TimeoutExpired after `timeout_s` seconds.
        """
        return subprocess.run(
            [HERE / "enter.sh", self.path, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def must(self, *command: str) -> str:
        """Return the output of a command that ends well."""
        done = self.run(*command)
        assert done.returncode == 0, (command, done.stdout[-4000:])
        return done.stdout

    def copy(self, path: Path) -> Root:
        subprocess.run(["cp", "--archive", self.path, path], timeout=300, check=True)
        return Root(path)


@dataclass(frozen=True)
class Person:
    """An account of a root, with a copy of this repository as `git clone` would leave it in the home folder."""

    root: Root
    name: str

    @property
    def clone(self) -> Path:
        """The copy of the repository, as seen from outside."""
        home = "root" if self.name == "root" else f"home/{self.name}"
        return self.root.path / home / "simplify"

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type a command in the clone's folder, in a shell that has just logged in."""
        return self.root.run("su", "-", self.name, "-c", f"cd simplify && {command}")


def debian(suite: str, path: Path) -> Root:
    """Return a new copy of the bare Debian of that suite which run.sh made, with `make` installed.

    A person needs nothing else for README's first command, besides git.
    """
    root = Root(Path(os.environ["BARE_ROOTS"]) / suite).copy(path)
    root.must("apt-get", "update", "-qq", "-o", "Acquire::Retries=3")
    root.must("apt-get", "install", "-y", "-qq", "--no-install-recommends", "make")

    # As on a machine that was installed long ago: nobody has asked for the package lists yet.
    root.must("apt-get", "clean")
    for file in (path / "var/lib/apt/lists").glob("*_*"):
        file.unlink()
    return root


def person(root: Root, name: str) -> Person:
    """Give `root` an account of that name (root has one) with a clone."""
    if name != "root":
        root.must("useradd", "--create-home", name)
    somebody = Person(root, name)
    clone(somebody.clone)
    root.must(
        "chown",
        "--recursive",
        f"{name}:",
        f"{'/root' if name == 'root' else '/home/' + name}/simplify",
    )
    return somebody


def clone(target: Path) -> None:
    """Copy every file that git knows or would add: what is being worked on is what is tried."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
