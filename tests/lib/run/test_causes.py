"""Each cause once with its stores, what came first before what followed."""

from __future__ import annotations

import pytest

from lib.model import Phase, Status
from lib.run import Outcome
from lib.run.causes import causes

ERROR, WARNING = Status.ERROR, Status.WARNING
GONE = "a server error (status 500)"


def shown(*outcomes):
    return [(c.rank, c.reason, c.stores, c.others) for c in causes(outcomes)]


def test_one_cause_of_several_stores_is_there_once_and_what_followed_comes_after_it():
    assert shown(
        Outcome(Phase.LOGIN, Status.OK),
        Outcome(Phase.DOWNLOAD, WARNING, "T105 missed_leads", "a new header"),
        Outcome(
            Phase.DOWNLOAD,
            ERROR,
            "A668 missed_leads",
            f"A668: the export missed_leads is missing: {GONE}",
        ),
        Outcome(Phase.AUDIT, ERROR, "A668 missed_leads", "no usable file"),
        Outcome(Phase.SCRAPE, ERROR, "A817", f"A817: the dashboard is missing: {GONE}"),
        Outcome(Phase.REPORT, ERROR, "A817", "no dashboard of A817 is stored"),
        Outcome(Phase.NOTIFY, ERROR, "store_daily_reports A668", "no connection"),
    ) == [
        ("root", GONE, {"A668": ["missed_leads"], "A817": ["dashboard"]}, []),
        ("consequence", "no usable file", {"A668": ["missed_leads"]}, []),
        ("consequence", "no dashboard of the store is stored", {"A817": []}, []),
        ("remark", "a new header", {"T105": ["missed_leads"]}, []),
    ]


def test_a_phase_that_fails_as_a_whole_is_the_cause_of_all_that_comes_after_it():
    assert shown(
        Outcome(Phase.LOGIN, ERROR, "", "the credentials are refused"),
        Outcome(Phase.REPORT, ERROR, "A668", "nothing is stored"),
    ) == [
        ("root", "the credentials are refused", {}, []),
        ("consequence", "nothing is stored", {"A668": []}, []),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            Outcome(Phase.DOWNLOAD, ERROR, "A668 missed_leads", "x"),
            Outcome(Phase.SCRAPE, ERROR, "A668", "y"),
        ),
        (Outcome(Phase.SCRAPE, ERROR, "A668", "x"), Outcome(Phase.SCRAPE, ERROR, "A817", "y")),
        (Outcome(Phase.SCRAPE, ERROR, "A668", "x"), Outcome(Phase.REPORT, ERROR, "A817", "y")),
        (Outcome(Phase.SCRAPE, WARNING, "A668", "x"), Outcome(Phase.REPORT, ERROR, "A668", "y")),
    ],
    ids=["another export", "another store", "another store's report", "a warning before"],
)
def test_what_nothing_before_explains_is_a_cause_of_its_own(first, second):
    [found] = [cause for cause in causes([first, second]) if cause.reason == "y"]
    assert found.rank == "root"


def test_without_anything_wrong_there_is_no_cause():
    assert shown(Outcome(Phase.REPORT, Status.OK, "A668")) == []
