"""What is said to fit fits, whatever is in it."""

import string
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lib.reports.build import html
from lib.reports.render import text_width

FONT = Path(html.__file__).parents[1] / "fonts" / "NotoSans-Regular.ttf"
DEVANAGARI = "".join(map(chr, range(0x900, 0x980)))


@pytest.fixture(scope="module")
def glyph_widths_em():
    with TTFont(FONT) as font:
        glyphs, units = font.getBestCmap(), font["head"].unitsPerEm
        return {chr(code): font["hmtx"][name][0] / units for code, name in glyphs.items()}


@pytest.mark.parametrize("char", string.printable.strip() + " ₹–’ÀéßŒ" + DEVANAGARI)  # noqa: RUF001
def test_no_glyph_is_wider_than_it_is_said_to_be(glyph_widths_em, char):
    narrow_mm = glyph_widths_em.get(char, 0) * text_width.EM_MM + text_width.PADDING_MM - 0.001
    assert text_width.is_wider_than(char, narrow_mm)


@pytest.mark.parametrize(
    ("text", "column_mm", "is_wider"),
    [
        ("", 17, False),
        ("T1302", 25, False),
        ("9000000001", 22, False),
        ("Existing", 17, False),
        ("Asha Kulkarni", 29, False),
        ("WWWWWWWWWWWW", 29, True),
        ("4 Nov 2025 10:00 AM - 12:00 PM", 28, True),
        ("अनुराधा श्रीवास्तव", 29, True),
    ],
)
def test_everyday_words_fit_and_long_or_unknown_ones_may_not(text, column_mm, is_wider):
    assert text_width.is_wider_than(text, column_mm) is is_wider


@pytest.mark.parametrize(
    ("text", "column_mm", "cut"),
    [
        pytest.param("Asha Kulkarni", 29, "Asha Kulkarni", id="it fits"),
        pytest.param("Customer App", 21, "Customer App", id="it fits as a rule"),
        pytest.param("Venkatanarasimharajuvaripeta Iyer", 29, "Venkatanarasimha…", id="too long"),
        pytest.param("Asha Kulkarni of Lane Two", 12.5, "Asha…", id="a blank is left out"),
        pytest.param("अनुराधा श्रीवास्तव", 29, "अनुराधा श्रीवास्तव", id="marks have no width"),
        pytest.param("Asha", 1, "…", id="no room at all"),
    ],
)
def test_a_text_is_cut_to_one_line(text, column_mm, cut):
    assert text_width.cut(text, column_mm) == cut
