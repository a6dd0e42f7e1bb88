"""The form fields of a page that WeasyPrint has laid out, finished before the PDF is written.

WeasyPrint 70 asks every viewer to draw the fields itself (`NeedAppearances`), and gives boxes
neither a look for "not ticked" nor the text properties with which one could be drawn.
"""

from __future__ import annotations

from typing import Any

import pydyf  # type: ignore[import-untyped]

from lib.reports.render import field_appearance
from lib.reports.render.field_appearance import OFF, ON
from lib.reports.render.field_font import BASE_FONT, RESOURCE, FieldFont, field_font

#: Width and height of a field, in points.
Size = tuple[float, float]


def finish(_document: Any, pdf: Any) -> None:
    """Give every field its own looks and the font for what is typed; a finisher for `write_pdf`."""
    form = pdf.catalog.get("AcroForm")
    if form is None:
        return

    fonts = pydyf.Dictionary({RESOURCE: _embedded(pdf, field_font())})
    resources = pydyf.Dictionary({"Font": fonts})
    pdf.add_object(resources)

    form["DR"] = resources.reference
    form["DA"] = pydyf.String(field_appearance.DEFAULT_APPEARANCE)
    del form["NeedAppearances"]

    looks = _Looks(pdf, resources.reference)

    for reference in form["Fields"]:
        field = _object(pdf, reference)
        left, top, right, bottom = field["Rect"]
        # As a PDF writes them: fields of one size share their drawings wherever they stand.
        size = round(right - left, 6), round(top - bottom, 6)

        # WeasyPrint begins at the top.
        field["Rect"] = pydyf.Array([left, bottom, right, top])

        field["DA"] = pydyf.String(field_appearance.DEFAULT_APPEARANCE)

        if field["FT"] == "/Btn":
            _finish_box(pdf, field, looks, size)
        else:
            field["Ff"] = field_appearance.MULTILINE
            field["AP"] = pydyf.Dictionary({"N": looks.text(size)})


def _finish_box(
    pdf: Any,
    field: Any,
    looks: _Looks,
    size: Size,
) -> None:
    # WeasyPrint draws a tick for each box; ours is shared by all boxes of a size.
    for drawing in field["AP"]["N"].values():
        _discard(pdf, drawing)

    states = pydyf.Dictionary({ON: looks.ticked(size), OFF: looks.unticked(size)})
    field["AP"] = pydyf.Dictionary({"N": states})
    # In the viewers' own symbol font: a check mark, should one draw it anew.
    field["MK"] = pydyf.Dictionary({"CA": pydyf.String("4")})


class _Looks:
    """The drawings of fields, one for each kind and size."""

    def __init__(
        self,
        pdf: Any,
        resources: Any,
    ) -> None:
        self._pdf = pdf
        self._resources = resources
        self._made: dict[tuple[bytes, Size], Any] = {}

    def text(self, size: Size) -> Any:
        return self._drawing(field_appearance.NO_TEXT, size)

    def ticked(self, size: Size) -> Any:
        return self._drawing(field_appearance.tick(*size), size)

    def unticked(self, size: Size) -> Any:
        return self._drawing(field_appearance.UNTICKED, size)

    def _drawing(
        self,
        operators: bytes,
        size: Size,
    ) -> Any:
        """Return the reference of that drawing, made once."""
        key = operators, size

        if key not in self._made:
            extra = {
                "Type": "/XObject",
                "Subtype": "/Form",
                "BBox": pydyf.Array([0, 0, *size]),
                "Resources": self._resources,
            }

            stream = pydyf.Stream([operators], extra)
            self._pdf.add_object(stream)
            self._made[key] = stream.reference

        return self._made[key]


def _object(pdf: Any, reference: bytes) -> Any:
    return pdf.objects[_number(reference)]


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


class _Null(pydyf.Object):  # type: ignore[misc]
    data = b"null"


def _discard(pdf: Any, reference: bytes) -> None:
    """Leave nothing of an object but its number.

    One that is marked as free is still listed by pydyf 0.13: as in use, at the start of the file.
    """
    nothing = _Null()
    nothing.number = _number(reference)
    pdf.objects[nothing.number] = nothing


def _embedded(pdf: Any, font: FieldFont) -> Any:
    """Put the font into the PDF; return its reference."""
    file = _compressed(
        pdf,
        font.file,
        {"Length1": font.file_length},
    )

    to_unicode = _compressed(pdf, font.to_unicode, {})

    descriptor = pydyf.Dictionary(
        {
            "Type": "/FontDescriptor",
            "FontName": f"/{BASE_FONT}",
            "Flags": 4,
            "FontBBox": pydyf.Array(font.box),
            "ItalicAngle": 0,
            "Ascent": font.ascent,
            "Descent": font.descent,
            "CapHeight": font.cap_height,
            "StemV": 80,
            "FontFile2": file,
        }
    )

    pdf.add_object(descriptor)

    system = pydyf.Dictionary(
        {
            "Registry": pydyf.String("Adobe"),
            "Ordering": pydyf.String("Identity"),
            "Supplement": 0,
        }
    )

    descendant = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": f"/{BASE_FONT}",
            "CIDSystemInfo": system,
            "CIDToGIDMap": "/Identity",
            "W": pydyf.Array([0, pydyf.Array(font.widths)]),
            "FontDescriptor": descriptor.reference,
        }
    )

    pdf.add_object(descendant)

    whole = pydyf.Dictionary(
        {
            "Type": "/Font",
            "Subtype": "/Type0",
            "BaseFont": f"/{BASE_FONT}",
            "Encoding": "/Identity-H",
            "DescendantFonts": pydyf.Array([descendant.reference]),
            "ToUnicode": to_unicode,
        }
    )

    pdf.add_object(whole)

    return whole.reference


def _compressed(
    pdf: Any,
    content: bytes,
    extra: dict[str, Any],
) -> Any:
    stream = pydyf.Stream([content], extra | {"Filter": "/FlateDecode"})
    pdf.add_object(stream)

    return stream.reference
