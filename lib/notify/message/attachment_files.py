"""Reads the reports that a mail carries: the only place of this service that opens them on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lib import errors
from lib.notify.model.addresses import has_control
from lib.notify.model.rows import PDF, Document

PDF_MARK = b"%PDF-"
#: More than this no mail can carry anyway, so it is not even read.
MAX_FILE_BYTES = 20 * 1024 * 1024

GONE = (
    "jobs.prune removed it, being old; docs/how-to/keep-the-disk-free.md says how it is made again"
)


class UnusableAttachment(Exception):
    """A document's file cannot be attached; the message says why."""


def with_problems(
    documents: Iterable[Document],
    reports_root: Path,
) -> tuple[Document, ...]:
    """Return the documents with a path that can be opened.

    With `problem` where the file is not the recorded one.
    """
    found = []

    for document in documents:
        found.append(_with_problem(document, reports_root))

    return tuple(found)


def content(document: Document) -> bytes:
    """Return the file's bytes, which are those that were recorded.

    Raise UnusableAttachment if they are not, or cannot be had.
    """
    if reason := _unsuitable(document):
        raise UnusableAttachment(reason)

    try:
        data = _bytes(Path(document.path or ""))
    except OSError as error:
        raise UnusableAttachment(f"its file cannot be read: {errors.describe(error)}") from error

    if document.checksum and hashlib.sha256(data).hexdigest() != document.checksum.lower():
        raise UnusableAttachment("its file is not the one that was recorded (another SHA-256)")

    return data


def size_bytes(document: Document) -> int:
    """Return how big the file is now; 0 when it is not there."""
    try:
        return Path(document.path or "").stat().st_size
    except OSError:
        return 0


def _with_problem(document: Document, reports_root: Path) -> Document:
    if document.is_pruned:
        return replace(document, problem=GONE)

    document = replace(document, path=_located(document.path, reports_root))

    try:
        content(document)
    except UnusableAttachment as unusable:
        how = "docs/how-to/keep-the-disk-free.md says how it is made again"
        return replace(document, problem=f"{unusable}; {how}")

    return document


def _located(path: str | None, reports_root: Path) -> str | None:
    """Return the path; a relative one that is not there is looked for under REPORTS_ROOT."""
    if not path or Path(path).is_absolute() or Path(path).exists():
        return path

    return str(reports_root / path)


def _unsuitable(document: Document) -> str | None:
    """Return what the document's row says that cannot be attached; None if it can."""
    if document.storage_backend != "fs":
        return f"its storage backend {document.storage_backend} is not supported"

    if document.mime_type != PDF:
        return f"its type {document.mime_type!r} is not {PDF}"

    if not document.path:
        return "its row has no file path"

    name = document.file_name
    if not name or has_control(name) or Path(name).name != name:
        return "its file name is not a plain name"

    return None


def _bytes(path: Path) -> bytes:
    # A row that names a device, a pipe or another kind of file is not a way to have it mailed.
    if path.exists() and not path.is_file():
        raise UnusableAttachment("its path names no regular file")

    with path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)

    if len(data) > MAX_FILE_BYTES:
        raise UnusableAttachment(f"its file has more than {MAX_FILE_BYTES} bytes")

    if not data.startswith(PDF_MARK):
        raise UnusableAttachment("its file is no PDF")

    return data
