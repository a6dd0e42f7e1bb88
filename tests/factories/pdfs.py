"""Small PDFs that say what a report must say about itself."""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import NameObject, StreamObject, TextStringObject

from lib.reports.render.pdf_check import Expected


def pdf(expected: Expected, **changes: str | None) -> bytes:
    """Return a page of text that passes the check for `expected`; None takes a fact away."""
    said = {
        "Title": "A report",
        "StoreCode": expected.store_code,
        "Period": expected.period,
        "RunId": expected.run_id,
        **changes,
    }
    lang = said.pop("Lang", "en-IN")
    text = StreamObject()
    text.set_data(b"BT (figures) Tj ET")

    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    page[NameObject("/Contents")] = writer._add_object(text)
    if lang is not None:
        writer.root_object[NameObject("/Lang")] = TextStringObject(lang)
    writer.add_metadata({f"/{name}": value for name, value in said.items() if value is not None})

    into = BytesIO()
    writer.write(into)
    return into.getvalue()
