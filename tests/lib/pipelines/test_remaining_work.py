"""What a day still needs after its earlier runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model import Bucket
from lib.pipelines.remaining_work import CompletedWork, RemainingWork, completed, remaining, shares

STORES = ("A668", "A817", "T105")
REPORTED = ("A668", "A817")
EVERY = tuple((code, bucket) for code in STORES for bucket in Bucket)


def ran(loaded=(), dashboards=STORES):
    """The metrics of a run that loaded every export but those that are not in `loaded`."""
    missing = set(EVERY) - set(loaded)
    return {
        "done": {
            "loaded": {
                bucket: {code: 7 for code in STORES if (code, bucket) not in missing}
                for bucket in Bucket
            },
            "dashboards": list(dashboards),
        }
    }


def test_a_fresh_day_needs_everything():
    todo = remaining(STORES, REPORTED, CompletedWork())

    assert todo == RemainingWork(EVERY, STORES, REPORTED)
    assert todo.needs_portal


def test_a_day_on_which_all_is_done_needs_nothing():
    todo = remaining(STORES, REPORTED, completed([ran(EVERY)], REPORTED))

    assert todo == RemainingWork((), (), ())
    assert not todo.needs_portal


@pytest.mark.parametrize(
    ("metrics", "made", "expected"),
    [
        pytest.param(
            [ran(EVERY, ["A668", "T105"])],
            ["A668"],
            RemainingWork((), ("A817",), ("A817",)),
            id="a dashboard and its report",
        ),
        pytest.param(
            [ran([unit for unit in EVERY if unit != ("A817", Bucket.MISSED_LEADS)])],
            REPORTED,
            RemainingWork((("A817", Bucket.MISSED_LEADS),), (), ("A817",)),
            id="an export, and the report that shows it once more",
        ),
        pytest.param(
            [ran([unit for unit in EVERY if unit[0] != "T105"])],
            REPORTED,
            RemainingWork(tuple(("T105", bucket) for bucket in Bucket), (), ()),
            id="a store that gets no report",
        ),
        pytest.param([ran(EVERY)], ["A668"], RemainingWork((), (), ("A817",)), id="only a report"),
        pytest.param(
            [ran(EVERY[:4], ()), ran(EVERY[4:])],
            REPORTED,
            RemainingWork((), (), ()),
            id="two runs that did half each",
        ),
        pytest.param(
            [{"stores": {"configured": list(STORES)}}],
            (),
            RemainingWork(EVERY, STORES, REPORTED),
            id="an earlier system",
        ),
    ],
)
def test_what_is_left(metrics, made, expected):
    assert remaining(STORES, REPORTED, completed(metrics, made)) == expected


def test_of_chosen_stores_only_theirs_is_owed():
    assert remaining(("A817",), ("A817",), CompletedWork()).exports == tuple(
        ("A817", bucket) for bucket in Bucket
    )


units = st.sets(st.sampled_from(EVERY))


@given(units, st.sets(st.sampled_from(STORES)), st.sets(st.sampled_from(REPORTED)))
def test_what_is_done_and_what_is_owed_are_everything(loaded, dashboards, made):
    before = completed([ran(loaded, dashboards)], made)
    todo = remaining(STORES, REPORTED, before)

    assert {*todo.exports} == {*EVERY} - loaded
    assert {*todo.dashboards} == {*STORES} - dashboards
    assert {*REPORTED} - made <= {*todo.reports}
    assert completed([{"done": before.as_metrics()}], made) == before, (
        "it is read again as it was noted"
    )


@pytest.mark.parametrize(
    ("todo", "expected"),
    [
        pytest.param(RemainingWork(EVERY, STORES, REPORTED), {}, id="all of it"),
        pytest.param(
            RemainingWork(EVERY[:3], ("A668",), ("A668",)),
            dict.fromkeys(["download", "merge", "ingest", "audit", "cleanup"], 0.25)
            | {"scrape": 0.333, "report": 0.5},
            id="a part",
        ),
        pytest.param(
            RemainingWork((), (), REPORTED),
            dict.fromkeys(
                ["login", "download", "merge", "ingest", "audit", "cleanup", "scrape"], 0.0
            ),
            id="reports only",
        ),
    ],
)
def test_the_share_of_each_phase_is_what_its_work_is_of_a_whole_day(todo, expected):
    assert shares(todo, STORES, REPORTED) == expected


def test_without_stores_no_phase_has_work():
    assert set(shares(RemainingWork((), (), ()), (), ()).values()) == {0.0}
