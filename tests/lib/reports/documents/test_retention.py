"""Which reports go: tables of names, ages and rows; whatever the ages, nothing that is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model import PRUNED, Pipeline
from lib.removal import FileRule, RemovalPlan, Seen
from lib.reports.documents import retention
from lib.reports.documents.retention import SETTING, Registered, ReportPlan

NOW = datetime(2027, 11, 23, 21, tzinfo=UTC)
DAYS = 730
SPAN = (str(Pipeline.DAILY), date(2025, 11, 14))
PATH = Path("2025/A668_2025-11-14.pdf")


def ns(age_days):
    return int((NOW - timedelta(days=age_days)).timestamp()) * 10**9


def seen(age_days=800, path=PATH, **changes):
    return replace(Seen(Path(path), 1000, ns(age_days)), **changes)


def row(age_days=800, number=1, path=PATH, **changes):
    made = Registered(number, PATH.name, path, True, SPAN, "ok", NOW - timedelta(days=age_days))
    return replace(made, **changes)


def plan(files, rows, needed=None, days=DAYS):
    rule = FileRule(SETTING, days, retention.kind_of_file)
    return retention.plan(rule.plan(files, NOW), rows, needed or {}, NOW, days)


def outcome(planned):
    """What goes with its age and reason, and the rows to mark."""
    gone = [
        (str(one.seen.path), one.kind, one.age_days, one.reason) for one in planned.files.expired
    ]
    return gone, {str(path): [one.id for one in rows] for path, rows in planned.rows.items()}


OURS = {
    "A668_2025-11-14.pdf": Pipeline.DAILY,
    "A668_week_2025-11-10_to_2025-11-16.pdf": Pipeline.WEEKLY,
    "ALL_week_2025-11-10_to_2025-11-16.pdf": Pipeline.WEEKLY,
    "A668_month_2025-10.pdf": Pipeline.MONTHLY,
    ".A668_month_2025-10.pdf.part": Pipeline.MONTHLY,
}
STRANGERS = (
    "A668_11-14.pdf",
    "A668_2025-11-14.pdf.bak",
    "a668_2025-11-14.pdf",
    "A668_2025-11-14 (1).pdf",
    "A668_week_2025-11-10.pdf",
    "A668_2025-11-1४.pdf",
    ".A668_2025-11-14.pdf.x1.part",
    ".part",
    "notes.txt",
    "A668_2025-11-14.pdf\n",
)


@pytest.mark.parametrize(("name", "pipeline"), OURS.items())
def test_a_name_of_ours_tells_its_pipeline(name, pipeline):
    assert retention.pipeline_of(Path("2025") / name) is pipeline


@pytest.mark.parametrize("name", STRANGERS)
def test_any_other_name_is_unrecognised_however_old(name):
    stranger = seen(path=Path("2025") / name)
    assert plan([stranger], []) == ReportPlan(RemovalPlan(unrecognised=(stranger.path,)), {})


def test_a_link_or_folder_of_our_name_is_unrecognised_too():
    assert plan([seen(is_file=False)], [row()]) == ReportPlan(RemovalPlan(unrecognised=(PATH,)), {})


OLD, YOUNG = 731, 729
GOES = [(str(PATH), "report", OLD, SETTING)]


@pytest.mark.parametrize(
    ("file_age", "rows", "expected"),
    [
        pytest.param(OLD, [row(OLD)], (GOES, {str(PATH): [1]}), id="both-are-old"),
        pytest.param(YOUNG, [row(OLD)], ([], {}), id="restored-or-made-again-lately"),
        pytest.param(OLD, [row(YOUNG)], ([], {}), id="its-row-is-young"),
        pytest.param(900, [row(OLD)], (GOES, {str(PATH): [1]}), id="as-old-as-the-younger-of-both"),
        pytest.param(
            OLD, [row(900, 1), row(OLD, 2)], (GOES, {str(PATH): [1, 2]}), id="two-runs-made-it"
        ),
        pytest.param(
            OLD, [row(900, 1), row(YOUNG, 2)], ([], {}), id="one-of-two-runs-made-it-lately"
        ),
        pytest.param(
            OLD,
            [],
            ([(str(PATH), "report", OLD, "no row claims it")], {}),
            id="killed-before-its-row",
        ),
        pytest.param(
            OLD,
            [row(900, status=PRUNED)],
            ([(str(PATH), "report", OLD, "no row claims it")], {}),
            id="killed-between-mark-and-removal",
        ),
        pytest.param(
            OLD,
            [row(900, 1, status=PRUNED), row(OLD, 2)],
            (GOES, {str(PATH): [2]}),
            id="pruned-and-made-again",
        ),
        pytest.param(
            OLD, [row(900, path=Path("2024/x"))], ([], {}), id="its-row-names-another-folder"
        ),
        pytest.param(
            OLD, [row(900, path=None, is_there=False)], ([], {}), id="its-row-leads-out-of-the-root"
        ),
    ],
)
def test_a_report_goes_when_file_and_rows_are_old(file_age, rows, expected):
    assert outcome(plan([seen(file_age)], rows)) == expected


def test_a_report_whose_row_names_another_place_is_kept_and_told():
    planned = plan([seen()], [row(path=None, is_there=False)])
    assert planned.files.retained == (
        (PATH, "its row names another place; was REPORTS_ROOT moved?"),
    )


@pytest.mark.parametrize("age_days", [YOUNG, OLD])
def test_a_row_whose_file_is_gone_says_so_when_its_time_comes(age_days):
    planned = plan([], [row(age_days, is_there=False)])
    assert outcome(planned) == ([], {str(PATH): [1]} if age_days == OLD else {})


def test_a_file_that_is_there_and_young_keeps_its_old_row():
    assert outcome(plan([seen(3)], [row(900, is_there=True)])) == ([], {})


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_needed_stays_with_the_reason(is_there):
    files = [seen()] if is_there else []
    planned = plan(files, [row(is_there=is_there)], {SPAN: "a mail"})
    assert planned == ReportPlan(RemovalPlan(retained=((PATH, "a mail"),)), {})


@pytest.mark.parametrize(("hours", "goes"), [(23, False), (25, True)])
def test_an_unfinished_report_goes_after_a_day_whatever_the_retention(hours, goes):
    unfinished = seen(path=".A668_2025-11-14.pdf.part", modified_ns=ns(hours / 24))
    gone, _ = outcome(plan([unfinished], []))
    assert [one[1] for one in gone] == ["unfinished report"] * goes


# Whatever the ages: what somebody needs stays, and no row claims what goes.

SPANS = [(str(pipeline), date(2025, 11, day)) for pipeline in Pipeline for day in (1, 2)]
PATHS = {
    span: Path(f"2025/S{number}_2025-11-0{span[1].day}.pdf") for number, span in enumerate(SPANS)
}
ages = st.integers(0, 2000)
some_rows = st.builds(
    lambda number, span, age, status, is_there: Registered(
        number, PATHS[span].name, PATHS[span], is_there, span, status, NOW - timedelta(days=age)
    ),
    st.integers(1, 10**6),
    st.sampled_from(SPANS),
    ages,
    st.sampled_from(["ok", PRUNED]),
    st.booleans(),
)
some_files = st.lists(
    st.builds(lambda span, age: seen(age, PATHS[span]), st.sampled_from(SPANS), ages),
    unique_by=lambda one: one.path,
)


@given(
    some_files,
    st.lists(some_rows, max_size=12, unique_by=lambda one: one.id),
    st.sets(st.sampled_from(SPANS)),
    st.integers(62, 1500),
)
def test_whatever_the_ages_nothing_needed_goes_and_no_row_claims_what_went(
    files, rows, needed, days
):
    limit = NOW - timedelta(days=days)
    planned = plan(files, rows, dict.fromkeys(needed, "needed"), days)
    gone = {one.seen.path for one in planned.files.expired}
    marked = {one.id for several in planned.rows.values() for one in several}

    for one in planned.files.expired:
        assert one.seen.modified_at < limit
    for one in rows:
        if one.claims and (one.span in needed or one.made_at >= limit):
            assert one.path not in gone
            assert one.id not in marked
        if one.claims and one.path in gone:
            assert one.id in marked
    still_there = {one.path for one in files} - gone
    assert not [
        one for one in rows if one.id in marked and one.is_there and one.path in still_there
    ]
