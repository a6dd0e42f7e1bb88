"""What somebody typed in a script that a report cannot print is marked, not blank."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from lib.reports.render.printed_letters import LETTERS, only_printed

FONTS = Path(__file__).parents[4] / "lib/reports/fonts"


@pytest.mark.parametrize("name", ["NotoSans-Regular.ttf", "NotoSans-SemiBold.ttf"])
def test_the_typeface_has_every_letter_that_is_said_to_be_printed(name):
    known = TTFont(FONTS / name).getBestCmap()
    # A soft hyphen is drawn where a line breaks only; a code point without a letter is nobody's.
    said = re.compile(f"[{LETTERS}]")
    missing = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if said.match(chr(code)) and chr(code).isprintable() and code not in known
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Paid ₹450, “Monday”…", "Paid ₹450, “Monday”…"),
        ("अगले सोमवार", "अगले सोमवार"),
        ("பணம் கொடுத்தார்", "பணம் கொடுத்தார்"),
        ("সোমবার আসবেন, টাকা", "[…]"),
        ("Paid 👍🏽 today", "Paid […] today"),
        ("👨\u200d👩\u200d👧", "[…]"),
        ("", ""),
    ],
    ids=["Latin", "Hindi", "Tamil", "Bengali", "a sign", "joined signs", "nothing"],
)
def test_what_the_typeface_lacks_is_marked_once(text, printed):
    assert only_printed(text) == printed
