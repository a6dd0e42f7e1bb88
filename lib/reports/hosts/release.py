"""Which release a host draws with: hosts of another one would draw other bytes."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from lib.config import PdfSettings

#: `lib.reports`: the program that draws, with its templates and fonts.
PROGRAM = Path(__file__).parents[1]
#: What draws, checks, and carries pages and PDFs from host to host.
PACKAGES = (
    "weasyprint",
    "pydyf",
    "tinycss2",
    "tinyhtml5",
    "cssselect2",
    "fonttools",
    "pyphen",
    "pillow",
    "brotli",
    "zopfli",
    "pikepdf",
    "distributed",
    "dask",
    "cloudpickle",
    "msgpack",
)

#: Under such a name a host offers its processes, and only who draws with the same may ask for them.
PREFIX = "release-"


def resource(release: str) -> str:
    """Return the name of what a host of the release offers."""
    return f"{PREFIX}{release}"


def of_this_host(pdf: PdfSettings, program: Path = PROGRAM) -> str:
    """Return 12 hexadecimal digits that two hosts share if they draw the same bytes.

    Of the program, the libraries, Python's minor version, the machine and its system, and of what
    PDF_RENDER_BACKEND, PDF_TEMPLATES_DIR and PDF_LOGO name. Raise OSError if a file cannot be read.
    """
    found = hashlib.sha256()

    for fact in _facts(pdf):
        found.update(f"{fact}\n".encode())

    for file in _files(program):
        _add(found, file.relative_to(program), file)

    # Of these the whole path: pages name the logo by it.
    for root in (pdf.templates_dir, pdf.logo):
        for file in _files(root):
            _add(found, file, file)

    return found.hexdigest()[:12]


def _add(
    found: hashlib._Hash,
    name: Path,
    file: Path,
) -> None:
    found.update(f"{name}\n".encode())
    found.update(hashlib.sha256(file.read_bytes()).digest())


def _facts(pdf: PdfSettings) -> Iterator[str]:
    yield f"python {sys.version_info.major}.{sys.version_info.minor}"
    yield f"{platform.machine()} {_system()}"
    yield f"{pdf.backend}"

    for package in PACKAGES:
        yield f"{package} {_version(package)}"


def _system() -> str:
    """Return name and version of the operating system, which brings Pango and further fonts."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return "unknown"

    return f"{release['ID']} {release.get('VERSION_ID', '')}"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def _files(root: Path | None) -> list[Path]:
    """Return what the directory or file has, without what Python compiles from it."""
    if root is None:
        return []

    if root.is_file():
        return [root]

    files = []

    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            files.append(path)

    return files
