"""What is said about the amounts of a month, whatever day of it it is."""

from datetime import date

import pytest

from lib.domain.headline import Month
from lib.reports.explain import money, terms
from lib.reports.explain.model import Rule
from lib.reports.view.key_figures import left_text, target_text


@pytest.mark.parametrize("day", [1, 15, 28, 29, 30])
@pytest.mark.parametrize("to_date", [64_302, 100_000, 105_000])
def test_what_is_left_of_the_target_has_one_explanation(day, to_date):
    """With one day left the rest is what is needed a day; on the target, what is left is 0."""
    month = Month(date(2025, 11, day), to_date=to_date, target=100_000, last_month_to_date=None)

    found = terms.figure(
        "Key figures",
        "November so far",
        (target_text(month), left_text(month)),
        money.month_terms(month, terms.Days("A668", ())),
    )

    [left] = [term for term in found.terms if term.rule is Rule.TARGET]
    assert terms.is_in(left.text, left_text(month))
