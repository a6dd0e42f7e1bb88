"""Where a report lies on disk, and how it gets there: checked, whole and under its final name, or not at all."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from lib import errors
from lib.dates import Period
from lib.errors import JobError, UsageError
from lib.files import replacing
from lib.model import Pipeline

if TYPE_CHECKING:
    from pypdf import PageObject

SHOW_TEXT = re.compile(rb"\bT[jJ]\b")
STORE_CODE = re.compile(r"[A-Z0-9]{1,16}", re.ASCII)


class WrongReport(JobError):
    """What was drawn is not the report that was asked for: blank, partial, or of another store or period."""


@dataclass(frozen=True)
class Expected:
    """What a PDF must say about itself before it is taken for the report that was asked for."""

    store_code: str
    period: str
    run_id: str
    #: Names of the form fields.
    fields: frozenset[str]


@dataclass(frozen=True)
class StoredFile:
    """A report that is safely on disk."""

    path: Path
    size_bytes: int
    #: SHA-256, hexadecimal.
    checksum: str


def daily_path(reports_root: Path, store_code: str, on: date) -> Path:
    """Return `REPORTS_ROOT/2025/A668_2025-11-14.pdf`; UsageError for what is no store code.

    Source: docs/reference/contract.md#pipelines-and-documents.
    """
    return _path(reports_root, store_code, on, f"{on}")


def period_path(reports_root: Path, store_code: str, pipeline: Pipeline, period: Period) -> Path:
    """Return `…/2025/A668_week_2025-11-10_to_2025-11-16.pdf` or `…/2025/A668_month_2025-10.pdf`, as `daily_path`."""
    weekly = pipeline is Pipeline.WEEKLY
    name = f"week_{period.first}_to_{period.last}" if weekly else f"month_{period.last:%Y-%m}"

    return _path(reports_root, store_code, period.last, name)


def _path(reports_root: Path, store_code: str, last: date, name: str) -> Path:
    if not STORE_CODE.fullmatch(store_code):
        raise UsageError(
            f"{store_code!r} is not a store code; codes are letters and digits, like A668"
        )

    return reports_root / f"{last:%Y}" / f"{store_code}_{name}.pdf"


def check(content: bytes, expected: Expected) -> None:
    """Read the PDF back and raise WrongReport unless it is whole and is what was asked for."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(BytesIO(content), strict=True)
        info = {
            name.lstrip("/").lower(): str(value) for name, value in (reader.metadata or {}).items()
        }
        has_text = [_shows_text(page) for page in reader.pages]
        fields = frozenset(reader.get_fields() or {})
    except (PyPdfError, ValueError, KeyError, OSError):
        raise WrongReport("the PDF cannot be read back: it is blank or partial") from None

    for name, wanted in (
        ("storecode", expected.store_code),
        ("period", expected.period),
        ("runid", expected.run_id),
    ):
        if info.get(name) != wanted:
            raise WrongReport(
                f"the PDF says {name} {info.get(name, 'nothing')!r} where {wanted!r} was asked for"
            )

    if not has_text or not all(has_text):
        raise WrongReport(f"the PDF of {expected.store_code} has a blank page")

    if fields != expected.fields:
        raise WrongReport(
            f"the PDF has {len(fields)} form fields where {len(expected.fields)} were drawn"
        )


def _shows_text(page: PageObject) -> bool:
    """Look for a text operator: to extract the text would triple the time of the whole check."""
    contents = page.get_contents()
    return contents is not None and SHOW_TEXT.search(contents.get_data()) is not None


def store(content: bytes, path: Path) -> StoredFile:
    """Put `content` under `path`, replacing an older file in one step; durable when this returns.

    Raises a TemporaryError where there is no room for it, a ConfigurationError where nobody may
    write it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)

        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        text = f"{path} cannot be written ({error.strerror}); look at REPORTS_ROOT"
        raise errors.of_machine(error, text) from error

    return StoredFile(path, len(content), hashlib.sha256(content).hexdigest())
