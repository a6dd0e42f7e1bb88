"""Which reports go: tables of names, ages and rows; whatever the ages, nothing that is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.pipelines import REPORT_NAMES
from lib.pipelines.prune import claims as claims_of
from lib.pipelines.prune.claims import Claim, ReportDecision
from lib.removal import FileKind, Seen

SETTING = "REPORT_RETENTION_DAYS"
NOW = datetime(2027, 11, 23, 21, tzinfo=UTC)
DAYS = 730
PATH = Path("2025/A668_2025-11-14.pdf")


def ns(age_days):
    return int((NOW - timedelta(days=age_days)).timestamp()) * 10**9


def seen(age_days=800, path=PATH, **changes):
    return replace(Seen(Path(path), 1000, ns(age_days)), **changes)


def row(age_days=800, number=1, path=PATH, **changes):
    made = Claim(number, PATH.name, path, True, NOW - timedelta(days=age_days))
    return replace(made, **changes)


def decide(files, claims, days=DAYS):
    kind = FileKind(
        name="reports",
        root=Path(),
        setting=SETTING,
        days=days,
        names={"report": REPORT_NAMES},
    )
    old = filter(None, (kind.judge(one, NOW) for one in files))
    return claims_of.decide(old, claims, NOW, days)


def outcome(decided):
    """What goes with its age and reason, and the rows to mark."""
    gone = [(str(one.seen.path), one.kind, one.age_days, one.reason) for one in decided.expired]
    return gone, [claim.id for claim in decided.marked]


OLD, YOUNG = 731, 729
GOES = [(str(PATH), "report", OLD, SETTING)]


@pytest.mark.parametrize(
    ("file_age", "rows", "expected"),
    [
        pytest.param(OLD, [row(OLD)], (GOES, [1]), id="both-are-old"),
        pytest.param(YOUNG, [row(OLD)], ([], []), id="restored-or-made-again-lately"),
        pytest.param(OLD, [row(YOUNG)], ([], []), id="its-row-is-young"),
        pytest.param(900, [row(OLD)], (GOES, [1]), id="as-old-as-the-younger-of-both"),
        pytest.param(OLD, [row(900, 1), row(OLD, 2)], (GOES, [1, 2]), id="two-runs-made-it"),
        pytest.param(
            OLD, [row(900, 1), row(YOUNG, 2)], ([], []), id="one-of-two-runs-made-it-lately"
        ),
        pytest.param(
            OLD,
            [],
            ([(str(PATH), "report", OLD, "no row claims it")], []),
            id="killed-before-its-row",
        ),
        pytest.param(
            OLD, [row(900, path=Path("2024/x"))], ([], []), id="its-row-names-another-folder"
        ),
        pytest.param(
            OLD, [row(900, path=None, is_there=False)], ([], []), id="its-row-leads-out-of-the-root"
        ),
    ],
)
def test_a_report_goes_when_file_and_rows_are_old(file_age, rows, expected):
    assert outcome(decide([seen(file_age)], rows)) == expected


def test_a_report_whose_row_names_another_place_is_kept_and_told():
    decided = decide([seen()], [row(path=None, is_there=False)])
    assert decided.retained == ("its row names another place; was REPORTS_ROOT moved?",)


@pytest.mark.parametrize("age_days", [YOUNG, OLD])
def test_a_row_whose_file_is_gone_says_so_when_its_time_comes(age_days):
    decided = decide([], [row(age_days, is_there=False)])
    assert outcome(decided) == ([], [1] if age_days == OLD else [])


def test_a_file_that_is_there_and_young_keeps_its_old_row():
    assert outcome(decide([seen(3)], [row(900, is_there=True)])) == ([], [])


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_needed_stays_with_the_reason(is_there):
    files = [seen()] if is_there else []
    decided = decide(files, [row(is_there=is_there, needed="a mail")])

    assert decided == ReportDecision((), (), ("a mail",))


def test_what_one_of_several_rows_is_needed_for_stays():
    decided = decide([seen()], [row(number=1), row(number=2, needed="a run")])
    assert decided == ReportDecision((), (), ("a run",))


@pytest.mark.parametrize(("hours", "goes"), [(23, False), (25, True)])
def test_an_unfinished_report_goes_after_a_day_whatever_the_retention(hours, goes):
    unfinished = seen(path=".A668_2025-11-14.pdf.part", modified_ns=ns(hours / 24))
    gone, _ = outcome(decide([unfinished], []))

    assert [one[1] for one in gone] == ["unfinished report"] * goes


# Whatever the ages: what somebody needs stays, and no row claims what goes.

PATHS = [Path(f"2025/S{number}_2025-11-0{number + 1}.pdf") for number in range(6)]
ages = st.integers(0, 2000)
some_claims = st.builds(
    lambda number, path, age, is_there, needed: Claim(
        number, path.name, path, is_there, NOW - timedelta(days=age), needed
    ),
    st.integers(1, 10**6),
    st.sampled_from(PATHS),
    ages,
    st.booleans(),
    st.sampled_from([None, None, "needed"]),
)
some_files = st.lists(
    st.builds(lambda path, age: seen(age, path), st.sampled_from(PATHS), ages),
    unique_by=lambda one: one.path,
)


@given(
    some_files,
    st.lists(some_claims, max_size=12, unique_by=lambda one: one.id),
    st.integers(62, 1500),
)
def test_whatever_the_ages_nothing_needed_goes_and_no_row_claims_what_went(files, claims, days):
    limit = NOW - timedelta(days=days)
    decided = decide(files, claims, days)
    gone = {one.seen.path for one in decided.expired}
    marked = {claim.id for claim in decided.marked}

    for one in decided.expired:
        assert one.seen.modified_at < limit
    for claim in claims:
        if claim.needed or claim.made_at >= limit:
            assert claim.path not in gone
            assert claim.id not in marked
        if claim.path in gone:
            assert claim.id in marked
    still_there = {one.path for one in files} - gone
    assert not [
        claim
        for claim in claims
        if claim.id in marked and claim.is_there and claim.path in still_there
    ]
