"""The run in words and in JSON (docs/reference/domain.md#run-summary)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lib.model import Phase, Pipeline, RunRef, Status
from lib.run import Outcome, Run
from lib.run.summary import duration, issues, phases, summarise

START = datetime(2025, 12, 10, 2, 30, 5, 123456, tzinfo=UTC)
REF = RunRef(Pipeline.DAILY, "20251210_023005123456", "prod", date(2025, 12, 9), START)


def run_with(*outcomes, **attributes):
    return Run(REF, engine=None, outcomes=list(outcomes), **attributes)


def test_the_summary_tells_everything_line_by_line():
    run = run_with(
        Outcome(Phase.LOGIN, Status.OK),
        Outcome(Phase.DOWNLOAD, Status.OK, "A900 missed_leads"),
        Outcome(
            Phase.DOWNLOAD, Status.ERROR, "A901 missed_leads", "the portal answered with status 500"
        ),
        Outcome(Phase.MERGE, Status.OK),
        Outcome(Phase.SCRAPE, Status.WARNING, "A901", "no number under Undel. > 10 Days"),
        notes={Phase.DOWNLOAD: "1/2 stores", Phase.MERGE: "3 buckets"},
        details=["- Stores processed: A900", "- Buckets:", "  - missed_leads: 212 rows"],
    )

    assert summarise(
        run, START + timedelta(minutes=11, seconds=46, milliseconds=900)
    ).text == "\n".join(
        [
            "Pipeline: simplify_dashboard_daily",
            "Run ID: 20251210_023005123456",
            "Env: prod",
            "Report Date: 2025-12-09",
            "Started: 2025-12-10T02:30:05.123456Z  Finished: 2025-12-10T02:41:52.023456Z  Duration: 00:11:46",
            "Status: error",
            "",
            "Phases:",
            "- login: OK",
            "- download: ERROR (1/2 stores)",
            "- merge: OK (3 buckets)",
            "- scrape: WARNING",
            "",
            "Data:",
            "- Stores processed: A900",
            "- Buckets:",
            "  - missed_leads: 212 rows",
            "",
            "Issues:",
            "- A901 missed_leads: the portal answered with status 500",
            "- A901: no number under Undel. > 10 Days",
        ]
    )


def test_a_run_that_did_nothing_says_so_in_every_section():
    text = summarise(run_with(), START).text

    assert text.endswith("Phases:\n- none\n\nData:\n- none\n\nIssues:\n- none")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(0, "00:00:00", id="at once"),
        pytest.param(59.999, "00:00:59", id="floored"),
        pytest.param(-5, "00:00:00", id="a clock that went back"),
        pytest.param(3661, "01:01:01", id="an hour"),
        pytest.param(359_999, "99:59:59", id="the longest the column takes"),
        pytest.param(360_000, "99:59:59", id="longer than the column takes"),
    ],
)
def test_a_duration_always_fits_its_column(seconds, expected):
    assert duration(START, START + timedelta(seconds=seconds)) == expected


def test_phases_count_units_and_come_in_the_order_of_the_run():
    outcomes = [
        Outcome(Phase.NOTIFY, Status.OK, "mail"),
        Outcome(Phase.DOWNLOAD, Status.ERROR, "A668 missed_leads", "gone"),
        Outcome(Phase.DOWNLOAD, Status.OK, "A817 missed_leads"),
        Outcome(Phase.DOWNLOAD, Status.OK, "A817 repeat_customers"),
    ]

    assert phases(outcomes) == {
        "download": {"ok": 2, "warning": 0, "error": 1},
        "notify": {"ok": 1, "warning": 0, "error": 0},
    }
    assert list(phases(outcomes)) == ["download", "notify"]


def test_issues_name_what_is_owed_first_and_nothing_twice():
    outcomes = [
        Outcome(Phase.SCRAPE, Status.WARNING, "A668", "odd header"),
        Outcome(Phase.SCRAPE, Status.WARNING, "A668", "odd header"),
        Outcome(Phase.REPORT, Status.ERROR, "A817", "no figures"),
        Outcome(Phase.REPORT, Status.OK, "A900"),
    ]

    assert issues(outcomes) == ["A817: no figures", "A668: odd header"]


def test_a_long_list_of_issues_is_cut_and_says_so():
    outcomes = [Outcome(Phase.SCRAPE, Status.WARNING, f"A{n}", "odd") for n in range(33)]

    lines = summarise(run_with(*outcomes), START).text.splitlines()

    assert lines[-2:] == ["- A29: odd", "- and 3 more in the log"]


def test_metrics_keep_the_pipelines_part_and_the_five_most_serious_issues():
    outcomes = [Outcome(Phase.SCRAPE, Status.WARNING, f"A{n}", "odd") for n in range(6)]
    outcomes.append(Outcome(Phase.REPORT, Status.ERROR, "A817", "no figures"))
    run = run_with(*outcomes, metrics={"pdf": {"generated": 2}})

    assert summarise(run, START).metrics == {
        "pdf": {"generated": 2},
        "issues": ["A817: no figures", "A0: odd", "A1: odd", "A2: odd", "A3: odd"],
        "causes": [
            {"rank": "root", "reason": "no figures", "stores": {"A817": []}, "others": []},
            {
                "rank": "remark",
                "reason": "odd",
                "stores": {f"A{n}": [] for n in range(6)},
                "others": [],
            },
        ],
        "may_close": False,
        "durations_s": {},
    }
