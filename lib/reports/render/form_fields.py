"""Form fields for an engine that prints none: links mark their places, and become AcroForm fields afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from io import BytesIO
from typing import Any, cast

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)

PLACE = "https://field.invalid/"
INPUT = re.compile(r'<input type="(?P<type>\w+)" name="(?P<name>\w+)" title="(?P<title>[^"]*)"/?>')
META = re.compile(r'<meta name="(?P<name>[\w.]+)" content="(?P<content>[^"]*)"/?>')
TITLE = re.compile(r"<title>(?P<title>.*?)</title>", re.DOTALL)
#: Annotation flag: also on paper.
PRINT = 4
HELVETICA = {
    "/Type": "/Font",
    "/Subtype": "/Type1",
    "/BaseFont": "/Helvetica",
    "/Encoding": "/WinAnsiEncoding",
}
TICK = b"q 0.11 0.15 0.2 RG 1.2 w %g %g m %g %g l %g %g l S Q"


def as_links(html: str) -> str:
    """Return the page with a link in each field's place."""
    return INPUT.sub(
        lambda it: (
            f'<a class="field {it["type"]}" href="{PLACE}{it["name"]}" title="{it["title"]}">&#8203;</a>'
        ),
        html,
    )


def into(pdf: bytes, html: str) -> bytes:
    """Return the PDF with the fields and the metadata of `html`, and nothing in it that tells when it was printed."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    inputs = {it["name"]: it for it in INPUT.finditer(html)}

    made = ArrayObject(_field(writer, place, inputs) for place in _places(writer))
    if made:
        form = {"/Fields": made, "/DR": _resources(), "/NeedAppearances": BooleanObject(value=True)}
        writer.root_object[NameObject("/AcroForm")] = _dictionary(form)

    writer.metadata = _metadata(html)
    out = BytesIO()
    writer.write(out)

    return out.getvalue()


def _places(writer: PdfWriter) -> Iterator[IndirectObject]:
    """Yield the links that stand for fields, in the order of the pages."""
    for page in writer.pages:
        for annotation in page.get("/Annots", ()):
            if _target(annotation.get_object()).startswith(PLACE):
                yield annotation


def _target(link: Any) -> str:
    return str(link.get("/A", {}).get("/URI", ""))


def _field(
    writer: PdfWriter, place: IndirectObject, inputs: Mapping[str, re.Match[str]]
) -> IndirectObject:
    """Turn the link at `place` into the field of its name; it keeps its rectangle and its place in the structure."""
    link = cast("DictionaryObject", place.get_object())
    found = inputs[_target(link).removeprefix(PLACE)]

    for name in ("/A", "/Border", "/Contents"):
        link.pop(name, None)

    box = [float(number) for number in cast("ArrayObject", link["/Rect"])]
    kind = (
        _text() if found["type"] == "text" else _checkbox(writer, box[2] - box[0], box[3] - box[1])
    )
    common: dict[str, PdfObject] = {
        "/Subtype": NameObject("/Widget"),
        "/T": TextStringObject(found["name"]),
        "/TU": TextStringObject(unescape(found["title"])),
        "/F": NumberObject(PRINT),
    }

    link.update(_dictionary(common | kind))
    return place


def _text() -> dict[str, PdfObject]:
    return {
        "/FT": NameObject("/Tx"),
        "/V": TextStringObject(""),
        "/DA": TextStringObject("/Helv 9 Tf 0.11 0.15 0.2 rg"),
    }


def _checkbox(writer: PdfWriter, width: float, height: float) -> dict[str, PdfObject]:
    """Return a box that is off, with a drawing for each of its states."""
    states = {
        "/Off": b"",
        "/Yes": TICK
        % (0.2 * width, 0.5 * height, 0.4 * width, 0.3 * height, 0.8 * width, 0.75 * height),
    }

    looks = {name: _kept(writer, _look(drawn, width, height)) for name, drawn in states.items()}
    return {
        "/FT": NameObject("/Btn"),
        "/V": NameObject("/Off"),
        "/AS": NameObject("/Off"),
        "/AP": _dictionary({"/N": _dictionary(looks)}),
    }


def _kept(writer: PdfWriter, made: PdfObject) -> IndirectObject:
    return writer._add_object(made)  # noqa: SLF001 - pypdf's way to add an object, without a public name


def _look(drawn: bytes, width: float, height: float) -> DecodedStreamObject:
    look = DecodedStreamObject()
    look.set_data(drawn)
    box = ArrayObject(FloatObject(number) for number in (0, 0, width, height))

    look.update(
        _dictionary(
            {"/Type": NameObject("/XObject"), "/Subtype": NameObject("/Form"), "/BBox": box}
        )
    )

    return look


def _resources() -> DictionaryObject:
    """Name the built-in font of what is typed: Latin only, which is what this engine's fields are limited to."""
    font = {name: NameObject(value) for name, value in HELVETICA.items()}
    return _dictionary({"/Font": _dictionary({"/Helv": _dictionary(font)})})


def _metadata(html: str) -> DictionaryObject:
    meta = {it["name"]: unescape(it["content"]) for it in META.finditer(html)}
    title = TITLE.search(html)
    made_at = "D:" + re.sub(r"\D", "", meta["dcterms.created"]) + "Z"
    texts = {
        "/Title": unescape(title["title"]) if title else "",
        "/StoreCode": meta["StoreCode"],
        "/Period": meta["Period"],
        "/RunId": meta["RunId"],
        "/Creator": meta["generator"],
        "/CreationDate": made_at,
        "/ModDate": made_at,
    }

    return _dictionary({name: TextStringObject(text) for name, text in texts.items()})


def _dictionary(items: Mapping[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(name): value for name, value in items.items()})
