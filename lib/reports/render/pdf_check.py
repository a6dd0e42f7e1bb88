"""The check of a drawn PDF: it is the report that was asked for, whole, or it is refused.

Runs in the drawing process, beside the drawing: read in the main process, the PDFs of a morning
would wait for each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from lib.domain import report_form
from lib.errors import JobError

if TYPE_CHECKING:
    import pikepdf

#: The operators that show text.
SHOW_TEXT = re.compile(rb"\bT[jJ]\b")
#: In the metadata of a PDF that says it is accessible, and the version that this standard is about.
CLAIM, VERSION = b"pdfuaid", "1.7"
#: Of a text field and of a check box.
EMPTY_VALUES = ("", "/Off")


class WrongReport(JobError):
    """What was drawn is not the report that was asked for.

    It is blank, partial, or of another store or period.
    """


@dataclass(frozen=True)
class Expected:
    """What a PDF must say about itself before it is taken for the report that was asked for."""

    store_code: str
    period: str
    run_id: str
    #: Names of the form fields.
    fields: frozenset[str]


def check(content: bytes, expected: Expected) -> None:
    """Read the PDF back; raise WrongReport unless it is whole and is what was asked for.

    1. It says the store, period and run that were asked for.
    2. It has a language and a title, and is of the version that its standard is about.
    3. Every page shows text.
    4. It has the form fields that were asked for, each once, none filled in.
    """
    import pikepdf

    try:
        # Without recovery: a file that has to be repaired first is a partial one.
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            _check_identity(pdf, expected)
            _check_standard(pdf)
            _check_pages(pdf, expected)
            _check_fields(pdf, expected)
    except (
        pikepdf.PdfError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        OSError,
    ):
        raise WrongReport("the PDF cannot be read back: it is blank or partial") from None


def _check_identity(
    pdf: pikepdf.Pdf,
    expected: Expected,
) -> None:
    said = {name.lstrip("/").lower(): str(value) for name, value in pdf.docinfo.items()}

    asked = {
        report_form.STORE_CODE: expected.store_code,
        report_form.PERIOD: expected.period,
        report_form.RUN_ID: expected.run_id,
    }

    for name, wanted in asked.items():
        found = said.get(name)
        if found != wanted:
            raise WrongReport(
                f"the PDF says {name} {found or 'nothing'!r} where {wanted!r} was asked for"
            )


def _check_standard(pdf: pikepdf.Pdf) -> None:
    """Refuse what would claim PDF/UA and break it; whatever the engine, people listen to it."""
    if not str(pdf.Root.get("/Lang", "")).strip():
        raise WrongReport('the page has no language; give its <html> one, such as lang="en-IN"')

    if not str(pdf.docinfo.get("/Title", "")).strip():
        raise WrongReport("the page has no title; give its <head> a <title>")

    if CLAIM in _metadata(pdf) and pdf.pdf_version != VERSION:
        raise WrongReport(f"the PDF claims PDF/UA-1 and says that it is PDF {pdf.pdf_version}")


def _metadata(pdf: pikepdf.Pdf) -> bytes:
    metadata = pdf.Root.get("/Metadata")

    return b"" if metadata is None else bytes(metadata.read_bytes())


def _check_pages(
    pdf: pikepdf.Pdf,
    expected: Expected,
) -> None:
    # A text operator is enough: to extract the text would take several times as long.
    has_text = [SHOW_TEXT.search(_contents(page)) is not None for page in pdf.pages]

    if not has_text or not all(has_text):
        raise WrongReport(f"the PDF of {expected.store_code} has a blank page")


def _contents(page: pikepdf.Page) -> bytes:
    contents = page.obj.get("/Contents")

    if contents is None:
        return b""

    page.contents_coalesce()
    return bytes(page.obj["/Contents"].read_bytes())


def _check_fields(
    pdf: pikepdf.Pdf,
    expected: Expected,
) -> None:
    form = pdf.Root.get("/AcroForm")
    fields = [] if form is None else list(form["/Fields"])

    names = [str(field["/T"]) for field in fields]

    if len(set(names)) < len(names):
        raise WrongReport(
            f"{len(names) - len(set(names))} form fields have the name of another;"
            " a name is read back once"
        )

    if frozenset(names) != expected.fields:
        raise WrongReport(
            f"the PDF has {len(names)} form fields where {len(expected.fields)} were drawn"
        )

    filled = []

    for field in fields:
        if str(field.get("/V", "")) not in EMPTY_VALUES:
            filled.append(field)

    if filled:
        raise WrongReport(f"{len(filled)} form fields are filled in already")
