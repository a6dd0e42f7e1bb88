"""Store, code and day in a dashboard's title, and its launch date.

Pure: lines of text in, facts out. Source: docs/reference/domain.md#dashboard-page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from lib.portal.site.errors import UndatedPage, UntitledPage

#: The first letters by which a month is known, in order; "Sept" is short for the ninth in India.
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_ORDINAL = r"(?:st|nd|rd|th)?"

#: 26 Nov 2025, 26th November, 2025, 26-Nov-2025, Nov 26, 2025 or 2025-11-26: forms that leave no
#: doubt which number is the month.
_DATE = re.compile(
    r"(?:dashboard date)?\s*[:-]?\s*"
    rf"(?:\b{_WEEKDAY},?\s+)?"
    r"(?:"
    rf"\b(?P<day>[0-9]{{1,2}}){_ORDINAL}(?:\s+of)?(?:\s+|\s*[-/.]\s*)"
    rf"(?P<month>{_MONTH}),?(?:\s+|\s*[-/.]\s*)(?P<year>[0-9]{{4}})\b"
    rf"|\b(?P<month_first>{_MONTH})\s+(?P<day_second>[0-9]{{1,2}}){_ORDINAL},?\s+"
    r"(?P<year_last>[0-9]{4})\b"
    r"|\b(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})\b"
    r")"
    rf"(?:,?[ \t]*\({_WEEKDAY}\)|,[ \t]*{_WEEKDAY})?",
    re.IGNORECASE,
)
_LAUNCH_DATE = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_CODE = re.compile(r"[A-Z]{1,2}[0-9]+")
_HEADING = re.compile(r"\bdashboard\b", re.IGNORECASE)


@dataclass(frozen=True)
class Title:
    """Which store and day a page is about. `code` only where the title shows it."""

    name: str
    code: str | None
    day: date


def read(lines: list[str]) -> Title:
    """Return the title of the visible lines: a heading, perhaps the code, the name, the date.

    Raise UntitledPage without a name, UndatedPage without a date.
    """
    text = "\n".join(lines)
    dates = list(_DATE.finditer(text))
    without_dates = _DATE.sub("\n", text).splitlines()

    code = None
    words = []

    for line in without_dates:
        line = line.strip()  # noqa: PLW2901 - the same line without its margins

        if _CODE.fullmatch(line):
            code = code or line
        elif line.strip(" :-\t") and line.casefold() != "dashboard date":
            words.append(line)

    has_heading = len(words) > 1 or (bool(words) and bool(_HEADING.search(words[0])))
    name = " ".join(words[1:] if has_heading else words)

    if not name:
        raise UntitledPage("the title names no store, so nothing proves whose page it is")

    day = _day(dates[-1]) if dates else None
    if day is None:
        raise UndatedPage(
            "the title has no date like 26 Nov 2025, so nothing proves which day it is about"
        )

    return Title(name, code, day)


def launch_date(text: str) -> date | None:
    """Return the date of `dd-mm-yyyy`, also with `/` or `.`; None for anything else."""
    match = _LAUNCH_DATE.fullmatch(text.strip())
    return _date(int(match[3]), int(match[2]), int(match[1])) if match else None


def same_name(one: str, other: str) -> bool:
    """Return True if two names differ in nothing but case and spacing."""
    return "".join(one.casefold().split()) == "".join(other.casefold().split())


def _day(match: re.Match[str]) -> date | None:
    if match["iso"]:
        year, month, day = map(int, match["iso"].split("-"))
        return _date(year, month, day)

    name = match["month"] or match["month_first"]
    month = _MONTHS.index(name.lower()[:3]) + 1
    day = int(match["day"] or match["day_second"])
    year = int(match["year"] or match["year_last"])

    return _date(year, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
