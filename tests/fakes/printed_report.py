"""Stands for the PDF engine.

A page in no time, with all that is read back from a report, and a digest of its text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject, TextStringObject

from lib.reports.render import pdf_check, worker_pool
from lib.reports.render.drawer import Drawn
from lib.reports.render.pdf_check import Expected

DIGEST = "/ShownFigures"
SIGNED = re.compile(
    r"\d{8}_\d{12}[-\w]*|\d{4}-\d\d-\d\dT[\d:.+Z]+|\d\d [A-Z][a-z]{2} \d{4},? \d\d:\d\d( IST)?"
)
"""Run ids and instants: what differs from run to run."""


class Press:
    """In the place of the worker pool; what it draws is checked as there."""

    def draw(self, html: str, expected: Expected) -> Drawn:
        content = printed(html)
        pdf_check.check(content, expected)
        return Drawn(content, hashlib.sha256(content).hexdigest())

    def cancel(self) -> None:
        """Nothing takes long here."""


def use() -> None:
    """Let this process's runs take their pages from here, not from a worker pool."""
    worker_pool.worker_pool = press


@contextmanager
def press(_draw: object, _size: int, _further: object = ()) -> Iterator[Press]:
    yield Press()


def printed(html: str) -> bytes:
    """Return a PDF with the page's metadata, one line of text and its form fields."""
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    text = StreamObject()
    text.set_data(b"BT (figures) Tj ET")
    page[NameObject("/Contents")] = writer._add_object(text)
    facts = dict(re.findall(r'<meta name="(StoreCode|Period|RunId)" content="([^"]*)"', html))
    writer.add_metadata(
        {f"/{name}": value for name, value in facts.items()}
        | {DIGEST: digest(html), "/Title": "A report"}
    )
    writer.root_object[NameObject("/Lang")] = TextStringObject("en-IN")
    fields = [_field(name) for name in re.findall(r'<input type="\w+" name="([^"]+)"', html)]
    if fields:
        form = DictionaryObject(
            {NameObject("/Fields"): ArrayObject(map(writer._add_object, fields))}
        )
        writer.root_object[NameObject("/AcroForm")] = form
    into = BytesIO()
    writer.write(into)
    return into.getvalue()


def digest(html: str) -> str:
    """Return what two pages share that show the same to people, whichever run made them."""
    return hashlib.sha256(SIGNED.sub("…", html).encode()).hexdigest()


def _field(name: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject("/FT"): NameObject("/Tx"), NameObject("/T"): TextStringObject(name)}
    )
