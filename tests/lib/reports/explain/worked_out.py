"""The rules once more, from the stored values that an explanation gives."""

from __future__ import annotations

import re
from decimal import Decimal

from lib.reports.explain.model import Rule
from tests.lib.reports.test_statements import is_printed_as

NUMBER = re.compile(r"−?₹?[\d,]+(?:\.\d+)?(?: L| Cr)?%?|N/A")  # noqa: RUF001 - the minus sign as it is printed


def contradictions(figures) -> list[str]:
    """Return a line for each term whose text is not what its stored values come to."""
    found = []
    for figure in figures:
        for term in figure.terms:
            worked_out = _value(term)
            printed = NUMBER.findall(term.text)
            if worked_out and not _is(worked_out[0], printed[0]):
                found.append(f"{figure.label}: {term}")
    return found


def _is(value, text):
    if text == "999%":
        return abs(value) > 999

    return is_printed_as(value, text) or is_printed_as(round(value, 1), text)


def _value(term):
    """Return what the rule makes of the stored values, in a tuple; None for a rule that needs more."""
    known = [one.value for one in term.stored if one.value is not None]
    found = None
    match term.rule:
        case Rule.STORED if len(term.stored) == 1:
            found = known[0]
        case Rule.UNKNOWN:
            assert known == []
        case Rule.DIFFERENCE:
            found = max(0, known[0] - (known[1] if len(known) > 1 else 0))
        case Rule.SUM if _is_of_the_day(term):
            found = sum(known)
        case Rule.MEAN:
            found = Decimal(sum(known)) / len(known)
        case Rule.BEST:
            found = known[0]
        case Rule.USUAL if "known" not in term.text and _is_of_the_day(term):
            found = Decimal(sum(known)) / len(known)
    return None if found is None else (found,)


def _is_of_the_day(term):
    """A figure that the dashboard shows for the day itself has one stored value a day."""
    return {one.metric for one in term.stored} <= {"ftd_revenue", "package_ftd"}
