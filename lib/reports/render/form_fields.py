"""Form fields for an engine that prints none: links mark their places and become fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from io import BytesIO

from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, Pdf, Stream, String

from lib.reports.render import field_appearance
from lib.reports.render.field_appearance import OFF, ON
from lib.reports.render.field_font import BASE_FONT, RESOURCE, FieldFont, field_font

PLACE = "https://field.invalid/"
INPUT = re.compile(r'<input type="(?P<type>\w+)" name="(?P<name>\w+)" title="(?P<title>[^"]*)"/?>')
META = re.compile(r'<meta name="(?P<name>[\w.]+)" content="(?P<content>[^"]*)"/?>')
TITLE = re.compile(r"<title>(?P<title>.*?)</title>", re.DOTALL)
#: PDF/UA-1 is a standard about PDF 1.7.
VERSION = "1.7"


def as_links(html: str) -> str:
    """Return the page with a link in each field's place."""
    return INPUT.sub(_link, html)


def _link(field: re.Match[str]) -> str:
    address = f"{PLACE}{field['name']}"

    return f'<a class="field {field["type"]}" href="{address}" title="{field["title"]}">&#8203;</a>'


def into(content: bytes, html: str) -> bytes:
    """Return the PDF with the fields and the metadata of `html`.

    Nothing in it says when it was printed.
    """
    inputs = {}

    for field in INPUT.finditer(html):
        inputs[field["name"]] = field

    with Pdf.open(BytesIO(content)) as pdf:
        form = _Form(pdf)

        fields = []

        for link in _places(pdf):
            fields.append(form.field(link, inputs))

        # Who saves the file again writes fractions with other digits, and then lines fall on other
        # dots of a screen.
        for page in pdf.pages:
            page.mediabox = Array([round(float(edge)) for edge in page.mediabox])

        if fields:
            pdf.Root.AcroForm = pdf.make_indirect(
                Dictionary(
                    Fields=Array(fields),
                    DR=form.resources,
                    DA=String(field_appearance.DEFAULT_APPEARANCE),
                )
            )

        del pdf.docinfo

        for name, text in _metadata(html).items():
            pdf.docinfo[name] = text

        out = BytesIO()
        pdf.save(
            out,
            force_version=VERSION,
            fix_metadata_version=False,
            deterministic_id=True,
            # a tag for each cell: alone they would be two thirds of the file
            object_stream_mode=ObjectStreamMode.generate,
        )

    return out.getvalue()


def _places(pdf: Pdf) -> Iterator[Object]:
    """Yield the links that stand for fields, in the order of the pages."""
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", []):
            if _target(annotation).startswith(PLACE):
                yield annotation


def _target(link: Object) -> str:
    action = link.get("/A")

    return "" if action is None else str(action.get("/URI", ""))


class _Form:
    """What the fields of one PDF have in common."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self.resources = pdf.make_indirect(
            Dictionary(Font=Dictionary({f"/{RESOURCE}": _embedded(pdf, field_font())}))
        )

    def field(
        self,
        link: Object,
        inputs: Mapping[str, re.Match[str]],
    ) -> Object:
        """Turn a link into the field of its name.

        It keeps its rectangle and its place in the structure.
        """
        found = inputs[_target(link).removeprefix(PLACE)]

        for name in ("/A", "/Border", "/Contents", "/H"):
            if name in link:
                del link[name]

        left, bottom, right, top = map(float, link["/Rect"])
        size = right - left, top - bottom

        link.Subtype = Name.Widget
        link.T = String(found["name"])
        link.TU = String(unescape(found["title"]))
        link.F = field_appearance.PRINT
        link.DA = String(field_appearance.DEFAULT_APPEARANCE)

        if found["type"] == "text":
            self._become_text(link, size)
        else:
            self._become_box(link, size)

        return link

    def _become_text(
        self,
        link: Object,
        size: tuple[float, float],
    ) -> None:
        link.FT = Name.Tx
        link.V = String("")
        link.Ff = field_appearance.MULTILINE
        link.AP = Dictionary(N=self._drawing(field_appearance.NO_TEXT, size))

    def _become_box(
        self,
        link: Object,
        size: tuple[float, float],
    ) -> None:
        states = {
            f"/{ON}": self._drawing(field_appearance.tick(*size), size),
            f"/{OFF}": self._drawing(field_appearance.UNTICKED, size),
        }

        link.FT = Name.Btn
        link.V = Name(f"/{OFF}")
        link.AS = Name(f"/{OFF}")
        link.AP = Dictionary(N=Dictionary(states))
        link.MK = Dictionary(CA=String("4"))

    def _drawing(
        self,
        operators: bytes,
        size: tuple[float, float],
    ) -> Stream:
        return Stream(
            self._pdf,
            operators,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, *size]),
            Resources=self.resources,
        )


def _embedded(pdf: Pdf, font: FieldFont) -> Object:
    """Put the font into the PDF; return it."""
    compressed = Name.FlateDecode
    file = Stream(
        pdf,
        font.file,
        Filter=compressed,
        Length1=font.file_length,
    )

    to_unicode = Stream(pdf, font.to_unicode, Filter=compressed)

    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{BASE_FONT}"),
        Flags=4,
        FontBBox=Array(font.box),
        ItalicAngle=0,
        Ascent=font.ascent,
        Descent=font.descent,
        CapHeight=font.cap_height,
        StemV=80,
        FontFile2=file,
    )

    system = Dictionary(
        Registry=String("Adobe"),
        Ordering=String("Identity"),
        Supplement=0,
    )

    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{BASE_FONT}"),
        CIDSystemInfo=system,
        CIDToGIDMap=Name.Identity,
        W=Array([0, Array(font.widths)]),
        FontDescriptor=pdf.make_indirect(descriptor),
    )

    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(f"/{BASE_FONT}"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=to_unicode,
        )
    )


def _metadata(html: str) -> dict[str, str]:
    meta = {}

    for found in META.finditer(html):
        meta[found["name"]] = unescape(found["content"])

    title = TITLE.search(html)
    made_at = (
        "D:"
        + re.sub(
            r"\D",
            "",
            meta["dcterms.created"],
        )
        + "Z"
    )

    return {
        "/Title": unescape(title["title"]) if title else "",
        "/StoreCode": meta["StoreCode"],
        "/Period": meta["Period"],
        "/RunId": meta["RunId"],
        "/Creator": meta["generator"],
        "/CreationDate": made_at,
        "/ModDate": made_at,
    }
