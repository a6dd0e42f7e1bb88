"""The font of what is typed into form fields, as a PDF embeds it: whole, for nobody knows yet what.

Latin, ₹, Devanagari and Tamil. Viewers do not join letters in a field, so its glyphs are those of
single letters. Built once for each process: the same for every report.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FONT_FILE = Path(__file__).parents[1] / "fonts" / "NotoSans-FormFields.ttf"
#: Its name in the file, and in the resources of the form.
BASE_FONT = "FieldFont-NotoSans"
RESOURCE = "FieldFont"
#: Entries of one `beginbfchar`; more are not allowed.
CHARS_A_BLOCK = 100

CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
"""
CMAP_TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@dataclass(frozen=True)
class FieldFont:
    """What a PDF says about the font; lengths in thousandths of the font's size."""

    #: Compressed, as all streams here.
    file: bytes
    #: Bytes of the file before it was compressed.
    file_length: int
    to_unicode: bytes
    #: By glyph, from 0 on.
    widths: tuple[int, ...]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int


@cache
def field_font() -> FieldFont:
    """Return the font; the first call of a process reads its file."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    content = FONT_FILE.read_bytes()

    with TTFont(FONT_FILE) as font:
        glyphs = font.getGlyphOrder()
        scale = 1000 / font["head"].unitsPerEm
        widths = tuple(round(font["hmtx"][glyph][0] * scale) for glyph in glyphs)
        box = font["head"]

        return FieldFont(
            file=zlib.compress(content, 9),
            file_length=len(content),
            to_unicode=zlib.compress(_to_unicode(font).encode("ascii"), 9),
            widths=widths,
            box=(box.xMin, box.yMin, box.xMax, box.yMax),
            ascent=font["hhea"].ascent,
            descent=font["hhea"].descent,
            cap_height=font["OS/2"].sCapHeight,
        )


def _to_unicode(font: Any) -> str:
    """Return the map from glyphs to letters; viewers read it the other way when text is typed."""
    letters: dict[int, int] = {}

    for letter, name in sorted(font.getBestCmap().items()):
        letters.setdefault(font.getGlyphID(name), letter)

    lines = [f"<{glyph:04x}> <{letter:04x}>" for glyph, letter in sorted(letters.items())]
    blocks: list[str] = []

    for start in range(0, len(lines), CHARS_A_BLOCK):
        block = lines[start : start + CHARS_A_BLOCK]
        blocks.append(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n")

    return CMAP_HEAD + "".join(blocks) + CMAP_TAIL
