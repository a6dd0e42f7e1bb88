from datetime import date

import pytest

from lib.domain.headline import Count, DayCount
from lib.reports.daily.day_rows import Tone, day_rows, tone_of
from lib.reports.view.headline import headline
from tests.factories.reports import facts, history

UP, DOWN, FLAT = Tone.POSITIVE, Tone.NEGATIVE, Tone.NEUTRAL


def rows_of(**changes):
    found = facts(**changes)
    return {row.label: row for row in day_rows(found, headline(found))}


@pytest.mark.parametrize(
    ("day", "before", "tone"),
    [
        pytest.param(5, (), FLAT, id="nothing before"),
        pytest.param(5, (3,), FLAT, id="one day is no usual one"),
        pytest.param(5, (3, 6), FLAT, id="within the usual"),
        pytest.param(7, (3, 6), UP, id="more than all"),
        pytest.param(2, (3, 6), DOWN, id="less than all"),
        pytest.param(3, (3, 6), FLAT, id="as little as once"),
        pytest.param(None, (3, 6), FLAT, id="not known"),
    ],
)
def test_a_day_has_a_colour_only_outside_of_the_usual(day, before, tone):
    assert tone_of(DayCount(Count.PICKUPS, day, before)) is tone


def test_what_covers_several_days_or_was_corrected_has_no_colour():
    several = DayCount(Count.PICKUPS, 9, (1, 2), since=date(2025, 11, 12))
    corrected = DayCount(Count.PICKUPS, 0, (1, 2), corrected=True)
    assert (tone_of(several), tone_of(corrected)) == (FLAT, FLAT)


def test_a_row_has_the_day_its_usual_weekday_and_the_month():
    row = rows_of()["Deliveries"]
    assert (row.day, row.usual, row.month, row.tone, row.note) == ("17", "15.0", "188", UP, "")


def test_what_was_not_read_is_not_zero():
    rows = rows_of(leads_captured=None, orders_placed=None)
    assert rows["Pickups due"].day == rows["Packages sold"].day == "N/A"
    assert rows["Pickups due"].note == ""
    assert rows["That day’s orders in the list"].day == "N/A"  # noqa: RUF001
    assert rows_of(leads_captured=0)["Pickups due"].day == "0"


def test_a_gap_and_a_correction_are_said():
    days = history()
    gap = rows_of(history=(*days[:-3], days[-1]))["Deliveries"]
    assert gap.note == "since 12 Nov: no figures of the days between"
    assert rows_of()["Repeat orders"].note == "the portal lowered its count; counted as 0"
