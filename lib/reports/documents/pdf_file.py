"""Where a report lies on disk, and how it gets there: whole and under its name, or not at all."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from lib import errors
from lib.dates import Period
from lib.domain.pipelines import PIPELINES, version_name
from lib.errors import UsageError
from lib.files import replacing
from lib.model import Pipeline

STORE_CODE = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)


@dataclass(frozen=True)
class StoredFile:
    """A report that is safely on disk."""

    path: Path
    size_bytes: int
    #: SHA-256, hexadecimal.
    checksum: str


def report_path(
    reports_root: Path,
    store_code: str,
    pipeline: Pipeline,
    period: Period,
) -> Path:
    """Return `REPORTS_ROOT/2025/A668_2025-11-14.pdf`; raise UsageError if that is no store code.

    Source: docs/reference/contract.md#pipelines-and-documents.
    """
    if not STORE_CODE.fullmatch(store_code):
        raise UsageError(
            f"{store_code!r} is not a store code; codes are letters and digits, like A668"
        )

    name = PIPELINES[pipeline].file_name(store_code, period)
    return reports_root / f"{period.last:%Y}" / name


def store(content: bytes, path: Path) -> StoredFile:
    """Put `content` under `path`, replacing an older file in one step; durable when this returns.

    Raise TemporaryError if there is no room for it, ConfigurationError if the directory may not be
    written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)

        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        text = f"{path} cannot be written ({error.strerror}); look at REPORTS_ROOT"
        raise errors.of_machine(error, text) from error

    return StoredFile(path, len(content), checksum(content))


def keep_version(
    path: Path,
    version: int,
    known_checksum: str | None,
) -> Path | None:
    """Give the report at `path` a name of its own, as the file of a superseded version.

    The file at `path` stays until the next version replaces it. Return None where the file with
    that checksum is at neither place: there is nothing left to keep. Errors as `store`.
    """
    kept = path.with_name(version_name(path.name, version))

    for place in (path, kept):
        content = _content(place)

        if content is not None and checksum(content) == known_checksum:
            # A kill after this leaves the copy, which the next run finds.
            return kept if place == kept else store(content, kept).path

    return None


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        text = f"{path} cannot be read ({error.strerror}); look at REPORTS_ROOT"
        raise errors.of_machine(error, text) from error


def checksum(content: bytes) -> str:
    """Return the SHA-256 of a report, hexadecimal, as its row has it."""
    return hashlib.sha256(content).hexdigest()
