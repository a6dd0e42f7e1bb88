"""What the title and the launch date of a dashboard say.

Pure: lines of text in, facts out (docs/reference/domain.md#dashboard-page).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from lib.portal.site.errors import UndatedPage, UntitledPage

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_DATE = re.compile(
    r"(?:dashboard date)?\s*[:-]?\s*\b([0-9]{1,2})\s+([a-z]{3,9})\.?,?\s+([0-9]{4})\b",
    re.IGNORECASE,
)
_LAUNCHED = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_CODE = re.compile(r"[A-Z]{1,2}[0-9]+")
_HEADING = re.compile(r"\bdashboard\b", re.IGNORECASE)


@dataclass(frozen=True)
class Title:
    """Whose page it is, and of which day. `code` only where the title shows it."""

    name: str
    code: str | None
    day: date


def read(lines: list[str]) -> Title:
    """Read the visible lines: a heading, perhaps the code, the name, the date.

    Raises UntitledPage or UndatedPage.
    """
    text = "\n".join(lines)
    dates = list(_DATE.finditer(text))
    day = _day(dates[-1]) if dates else None
    rest = [line.strip() for line in _DATE.sub("\n", text).splitlines() if line.strip(" :-\t")]
    code = next((line for line in rest if _CODE.fullmatch(line)), None)
    words = [
        line for line in rest if not _CODE.fullmatch(line) and line.casefold() != "dashboard date"
    ]

    name = " ".join(words[1:] if len(words) > 1 or _is_heading(words) else words)
    if not name:
        raise UntitledPage("the title names no store, so nothing proves whose page it is")

    if day is None:
        raise UndatedPage(
            "the title has no date like 26 Nov 2025, so nothing proves which day it is about"
        )

    return Title(name, code, day)


def launch_date(text: str) -> date | None:
    """Read `dd-mm-yyyy`, also with `/` or `.`; None for anything else."""
    match = _LAUNCHED.fullmatch(text.strip())
    return _date(int(match[3]), int(match[2]), int(match[1])) if match else None


def same_name(one: str, other: str) -> bool:
    """Compare two names as people do: without regard to case and spacing."""
    return "".join(one.casefold().split()) == "".join(other.casefold().split())


def _is_heading(words: list[str]) -> bool:
    return bool(words) and bool(_HEADING.search(words[0]))


def _day(match: re.Match[str]) -> date | None:
    word = match[2].lower()
    month = next(
        (number for number, name in enumerate(_MONTHS, 1) if name == word or name[:3] == word), None
    )

    return _date(int(match[3]), month, int(match[1])) if month else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
