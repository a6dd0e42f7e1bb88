"""How a run ended: the result in the subject, each cause once, times of the stores' clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from lib.notify.plan.run_result import run_result
from tests.factories.notify import RUN, document

ZONE = ZoneInfo("Asia/Kolkata")
CODES = [f"A{number}" for number in range(1, 17)]


def cause(rank="root", reason="a server error (status 500)", **stores):
    return {"rank": rank, "reason": reason, "stores": stores, "others": []}


def result_of(made, causes=(), *, expected=CODES, status="ok", mails=17, problems=0, **metrics):
    run = replace(
        RUN,
        overall_status=status,
        metrics={"stores": {"expected": expected}, "causes": list(causes)} | metrics,
    )
    documents = [document(code) for code in made]
    return run_result(run, documents, ZONE, mails=mails, problems=problems)


WEEK = {"stores": None, "stores_expected": CODES}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"made": CODES}, "OK | daily 14 Nov: 16 of 16 reports, 17 mails"),
        ({"made": [*CODES, "ALL"]}, "OK | daily 14 Nov: 16 of 16 reports, 17 mails"),
        (
            {"made": CODES, "causes": [cause("remark", A1=[])], "status": "warning"},
            "OK, 1 REMARK | daily 14 Nov: 16 of 16 reports, 17 mails",
        ),
        (
            {"made": CODES, "problems": 2, "status": "warning"},
            "OK, 2 REMARKS | daily 14 Nov: 16 of 16 reports, 17 mails",
        ),
        (
            {"made": CODES[2:], "causes": [cause(A1=[], A2=[])], "status": "error"},
            "2 STORES FAILED | daily 14 Nov: A1, A2",
        ),
        (
            {"made": CODES[9:], "causes": [cause(A1=[])], "status": "error"},
            "9 STORES FAILED | daily 14 Nov: A1, A2, A3, A4, A5, A6 and 3 more",
        ),
        (
            {"made": CODES, "causes": [cause(A3=["missed_leads"])], "status": "error"},
            "1 STORE INCOMPLETE | daily 14 Nov: A3; 16 of 16 reports, 17 mails",
        ),
        (
            {"made": [], "causes": [cause(reason="the login is refused")], "status": "error"},
            "ALL 16 STORES FAILED | daily 14 Nov: the login is refused",
        ),
        (
            {"made": [], "expected": [], "causes": [cause(reason="no login")], "status": "error"},
            "FAILED | daily 14 Nov: no login",
        ),
        (
            {"made": CODES, "problems": 1, "status": "error"},
            "TO DO | daily 14 Nov: 16 of 16 reports, 17 mails",
        ),
        (
            {"made": [], "stores_with_data": [], "status": "warning", "expected": ["A1"]},
            "NO DATA | daily 14 Nov: no store has any",
        ),
    ],
)
def test_the_result_is_the_subject(given, expected):
    assert result_of(**given).subject == expected


def test_a_long_reason_does_not_fill_the_subject():
    subject = result_of([], [cause(reason="x" * 300)], status="error").subject

    assert subject.endswith("x…")
    assert len(subject) < 130


def test_the_text_has_root_causes_first_each_once_with_its_stores():
    result = result_of(
        CODES[2:],
        [
            cause(A1=["dashboard"], A2=["dashboard", "missed_leads"]),
            cause("consequence", "no dashboard of the store is stored", A1=[], A2=[]),
            cause("remark", "a new header", A9=[]),
        ],
        status="error",
        buckets={"missed_leads": {"counts": {"ingested_rows": 171}}, "odd": {}},
    )
    assert result.text.splitlines() == [
        "14 of 16 reports made.",
        "No report: A1, A2.",
        "",
        "What went wrong:",
        "- a server error (status 500): A1 (dashboard), A2 (dashboard, missed_leads)",
        "",
        "What followed from that:",
        "- no dashboard of the store is stored: A1, A2",
        "",
        "Remarks:",
        "- a new header: A9",
        "",
        "Rows loaded: missed_leads 171.",
        "",
        "Began 15 Nov, 8:00 am IST, took 11 min 46 s. Environment dev, run 20251115_023005123456.",
    ]


def test_a_week_without_data_of_a_store_is_no_failure():
    run = replace(
        RUN,
        pipeline_name="simplify_dashboard_weekly",
        overall_status="warning",
        metrics={
            "stores_expected": ["A1", "A2"],
            "stores_without_data": ["A2"],
            "causes": [cause("remark", "no data", A2=[])],
        },
    )
    result = run_result(run, [document("A1")], ZONE, mails=2, problems=0)

    assert result.subject == "OK, 1 REMARK | weekly 10\N{EN DASH}16 Nov: 1 of 2 reports, 2 mails"
    assert "Without data: A2." in result.text


@pytest.mark.parametrize(
    ("took", "expected"),
    [(9, "9 s"), (76, "1 min 16 s"), (7500, "2 h 5 min"), (-5, "0 s")],
)
def test_a_duration_is_read_at_a_glance(took, expected):
    run = replace(RUN, finished_at=RUN.started_at + timedelta(seconds=took))
    assert f"took {expected}." in run_result(run, [], ZONE, mails=1, problems=0).text


def test_a_row_of_an_earlier_release_gives_what_it_has():
    run = replace(
        RUN,
        overall_status="error",
        metrics={
            "stores": {"report_success": ["A1"], "report_failures": {"A2": "no figures"}},
            "issues": ["A2: no figures"],
        },
    )
    result = run_result(run, [document("A1")], ZONE, mails=2, problems=0)

    assert result.subject == "1 STORE FAILED | daily 14 Nov: A2"
    assert "- A2: no figures" in result.text
