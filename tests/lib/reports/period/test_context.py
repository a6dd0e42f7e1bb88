# ruff: noqa: RUF001 - dashes as they are printed

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from lib.model import Pipeline
from lib.reports.period.context import store_context
from lib.reports.period.wording import before_of, period_text
from tests.factories.periods import MONTH, WEEK, day, run_of, store

IST = ZoneInfo("Asia/Kolkata")


def weekly(**options):
    return store_context(
        store(Pipeline.WEEKLY, WEEK, **options), run_of(Pipeline.WEEKLY, WEEK), IST
    )


def monthly(**options):
    return store_context(
        store(Pipeline.MONTHLY, MONTH, **options), run_of(Pipeline.MONTHLY, MONTH), IST
    )


def test_a_week_has_its_seven_days_and_a_month_its_blocks():
    assert [row.label for row in weekly().blocks] == [
        "Mon 10 Nov", "Tue 11 Nov", "Wed 12 Nov", "Thu 13 Nov", "Fri 14 Nov", "Sat 15 Nov", "Sun 16 Nov",
    ]  # fmt: skip
    assert [row.label for row in monthly().blocks] == [
        "Week 1: 1–7 Oct", "Week 2: 8–14 Oct", "Week 3: 15–21 Oct", "Week 4: 22–28 Oct", "Week 5: 29–31 Oct",
    ]  # fmt: skip


def test_a_missing_day_is_dashes_and_the_next_one_says_what_it_covers():
    gap, following = weekly(skip={date(2025, 11, 13)}).blocks[3:5]
    assert gap.cells == ("0", "–", "–", "–")
    assert following.cells[1].endswith("(13–14 Nov)")


@pytest.mark.parametrize(
    ("skipped", "wanted"),
    [
        pytest.param(
            [13],
            "No dashboard is stored for 13 Nov: a following difference covers the gap.",
            id="within",
        ),
        pytest.param(
            [10, 12, 13],
            "No dashboard is stored for 10 Nov and 12–13 Nov: a following difference covers the gap.",
            id="several",
        ),
        pytest.param(
            [15, 16],
            "No dashboard is stored for 15–16 Nov: what was added then is in no total.",
            id="end",
        ),
        pytest.param(
            [9],
            "Counts on 10 Nov are unknown or also cover days before this period: in no total.",
            id="before",
        ),
    ],
)
def test_a_gap_is_told_with_what_became_of_its_counts(skipped, wanted):
    assert weekly(skip={date(2025, 11, n) for n in skipped}).notes[1] == wanted


def test_the_portals_revenue_is_told_only_where_it_is_about_the_same_days():
    by_portal = "By the portal's month-to-date revenue these days made"
    within, before = (weekly(skip={date(2025, 11, n)}).notes for n in (13, 9))
    assert within[-1].startswith(by_portal)
    assert not any(note.startswith(by_portal) for note in before)


def test_corrections_are_told_in_the_notes():
    facts = store(Pipeline.WEEKLY, WEEK)
    fallen = [
        replace(one, metrics=one.metrics | {"pickup_total_count": 1})
        if one.on == WEEK.last
        else one
        for one in facts.days
    ]
    notes = store_context(
        replace(facts, days=tuple(fallen)), run_of(Pipeline.WEEKLY, WEEK), IST
    ).notes
    assert "The portal corrected counters downwards on 16 Nov (*): counted as 0." in notes


def test_nothing_is_noted_but_the_bases_when_every_day_is_there():
    assert len(weekly().notes) == 1


def test_the_strip_names_what_it_is_compared_with():
    assert all("3–9 Nov" in tile.note for tile in weekly().strip)
    assert weekly(skip={date(2025, 11, 13)}).key_figures[0].lines[0] == "without 1 day"


def test_a_store_without_a_name_is_not_called_by_its_code():
    assert weekly(name=None).store_name == "Unnamed store"


def test_the_data_reach_to_the_last_stored_day():
    assert weekly(skip={WEEK.last}).data_through == date(2025, 11, 15)


@pytest.mark.parametrize("context", [weekly, monthly], ids=["weekly", "monthly"])
def test_a_single_day_without_figures_still_makes_a_page(context):
    pipeline, period = (Pipeline.WEEKLY, WEEK) if context is weekly else (Pipeline.MONTHLY, MONTH)
    facts = replace(store(pipeline, period), days=(day(period.last),), leads={})
    made = store_context(facts, run_of(pipeline, period), IST)
    assert made.health.score == 0
    assert [made.key_figures[0].value, made.strip[0].value] == ["N/A", "N/A"]


def test_calendars_name_periods_and_what_came_before():
    assert period_text(WEEK, Pipeline.WEEKLY) == "10 Nov 2025 – 16 Nov 2025"
    assert period_text(MONTH, Pipeline.MONTHLY) == "October 2025"
    assert before_of(WEEK, Pipeline.WEEKLY).first == date(2025, 11, 3)
    assert before_of(MONTH, Pipeline.MONTHLY).first == date(2025, 9, 1)
