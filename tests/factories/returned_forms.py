"""Daily reports as owners send them back: filled in, and spoiled in the ways of the world."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

import pikepdf
from pypdf import PdfWriter
from pypdf.generic import NameObject, TextStringObject

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import weasyprint_engine
from tests.factories.reports import RUN, facts

IST = ZoneInfo("Asia/Kolkata")


@cache
def blank(orders: int = 5, leads: int = 3) -> bytes:
    """Return the report of A668 about 14 November, as it was mailed.

    Its orders are T1301 and so on by number, its leads 9000000000 and so on, in the page's order.
    """
    page = daily_html(daily_context(facts(orders=orders, leads=leads), RUN, IST))
    return weasyprint_engine.render(page)


def filled(
    ticked: Iterable[str] = (),
    typed: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> bytes:
    """Return the report as a program fills it in: states and values are set, nothing is drawn."""
    writer = PdfWriter(clone_from=BytesIO(content or blank()))
    fields = writer.get_fields()

    for name in ticked:
        field = fields[name].indirect_reference.get_object()
        field[NameObject("/V")] = field[NameObject("/AS")] = NameObject("/on")

    for name, text in (typed or {}).items():
        fields[name].indirect_reference.get_object()[NameObject("/V")] = TextStringObject(text)

    into = BytesIO()
    writer.write(into)
    return into.getvalue()


@cache
def yes() -> bytes:
    """Return the report with a Y for its first order."""
    return filled(["undelivered_delivered_1"])


def changed(content: bytes, change, **how) -> bytes:
    """Return the PDF after `change(pdf)`, saved as `how` says."""
    with pikepdf.open(BytesIO(content)) as pdf:
        change(pdf)
        into = BytesIO()
        with warnings.catch_warnings():
            # A form without its fields is what some of the tests are about.
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)
            pdf.save(into, **how)
    return into.getvalue()


def locked(content: bytes) -> bytes:
    """Return the PDF behind a password."""
    encryption = pikepdf.Encryption(owner="owner", user="hunter2")
    return changed(content, lambda _: None, encryption=encryption)


def without_fields(content: bytes) -> bytes:
    """Return the PDF as a print to a new PDF leaves it, though with its metadata."""

    def flatten(pdf):
        del pdf.Root.AcroForm
        for page in pdf.pages:
            if "/Annots" in page.obj:
                del page.obj["/Annots"]

    return changed(content, flatten)


def renamed(content: bytes, **facts_of_pdf: str) -> bytes:
    """Return the PDF with other metadata: `storecode="A817"`; an empty one is taken away."""

    def rename(pdf):
        for name in list(pdf.docinfo):
            if (key := name.lstrip("/").lower()) in facts_of_pdf:
                del pdf.docinfo[name]
                if facts_of_pdf[key]:
                    pdf.docinfo[name] = facts_of_pdf[key]

    return changed(content, rename)


def two_of_a_name(content: bytes) -> bytes:
    """Return the PDF with a second field of the name of the first."""

    def double(pdf):
        fields = pdf.Root.AcroForm.Fields
        fields.append(pdf.make_indirect(pikepdf.Dictionary(fields[0])))

    return changed(content, double)


def invoice() -> bytes:
    """Return a PDF of somebody else, such as an invoice."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    into = BytesIO()
    writer.write(into)
    return into.getvalue()
