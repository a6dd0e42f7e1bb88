"""Viewers that fill in and draw the forms of a PDF.

PDFium (Chrome), poppler (Evince, Okular), MuPDF.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image
from pypdfium2 import raw

DOTS_AN_INCH = 144
SCALE = DOTS_AN_INCH / 72
TIMEOUT_S = 300


class Filler:
    """A PDF opened in Chrome's viewer, with a mouse and a keyboard."""

    def __init__(self, content: bytes) -> None:
        self._document = pypdfium2.PdfDocument(content)
        self._document.init_forms()
        self.places = {}

        for number in range(len(self._document)):
            for name, box in self._fields(self._document[number]):
                self.places[name] = number, box

    def tick(self, name: str) -> None:
        """Click on a check box."""
        self._click(name)

    def type(self, name: str, text: str) -> None:
        """Click into a text field and type."""
        page = self._click(name)
        letters = (text + "\0").encode("utf-16-le")
        buffer = ctypes.create_string_buffer(letters)
        wide = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        raw.FORM_ReplaceSelection(self._document.formenv, page, wide)

    def save(self) -> bytes:
        """Return the PDF as the viewer saves it."""
        raw.FORM_ForceToKillFocus(self._document.formenv)
        into = BytesIO()
        self._document.save(into)
        return into.getvalue()

    def _click(self, name: str):
        number, (left, top, right, bottom) = self.places[name]
        page = self._document[number]
        x, y = (left + right) / 2, (top + bottom) / 2

        form = self._document.formenv
        raw.FORM_OnMouseMove(form, page, 0, x, y)
        raw.FORM_OnLButtonDown(form, page, 0, x, y)
        raw.FORM_OnLButtonUp(form, page, 0, x, y)
        return page

    def _fields(self, page):
        for index in range(raw.FPDFPage_GetAnnotCount(page)):
            annotation = raw.FPDFPage_GetAnnot(page, index)

            if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
                box = raw.FS_RECTF()
                raw.FPDFAnnot_GetRect(annotation, box)
                yield self._name(annotation), (box.left, box.top, box.right, box.bottom)

            raw.FPDFPage_CloseAnnot(annotation)

    def _name(self, annotation) -> str:
        form = self._document.formenv
        size = raw.FPDFAnnot_GetFormFieldName(form, annotation, None, 0)
        buffer = ctypes.create_string_buffer(size)
        wide = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        raw.FPDFAnnot_GetFormFieldName(form, annotation, wide, size)
        return buffer.raw.decode("utf-16-le").rstrip("\0")


def pdfium(content: bytes, number: int) -> Image.Image:
    """Return a page, counted from 0, as Chrome's viewer draws it."""
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    drawn = document[number].render(scale=SCALE, grayscale=True).to_pil().copy()
    document.close()
    return drawn


def poppler(content: bytes, number: int) -> Image.Image:
    """Return a page, counted from 0, as Evince and Okular draw it."""
    page = str(number + 1)
    return _drawn_by(
        content,
        ["pdftoppm", "-gray", "-r", str(DOTS_AN_INCH), "-f", page, "-l", page, "-singlefile"],
        ["report.pdf", "page"],
    )


def mupdf(content: bytes, number: int) -> Image.Image:
    """Return a page, counted from 0, as MuPDF draws it."""
    return _drawn_by(
        content,
        ["mutool", "draw", "-q", "-c", "gray", "-r", str(DOTS_AN_INCH), "-o", "page.pgm"],
        ["report.pdf", str(number + 1)],
    )


RENDERERS = {"PDFium": pdfium, "poppler": poppler, "MuPDF": mupdf}


def _drawn_by(content: bytes, command: list[str], files: list[str]) -> Image.Image:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "report.pdf").write_bytes(content)
        subprocess.run(
            [*command, *files],
            cwd=directory,
            check=True,
            capture_output=True,
            timeout=TIMEOUT_S,
        )
        with Image.open(Path(directory) / "page.pgm") as drawn:
            return drawn.convert("L").copy()
