"""Names of attached reports: a person can file them, a file system takes them, no two are alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model import Pipeline
from lib.notify.plan.attachment_names import named
from tests.factories.notify import RUN, document, facts

SATURDAY = date(2026, 11, 28)


def names(*documents, pipeline=Pipeline.DAILY, on=SATURDAY, **store_names):
    run = replace(RUN, pipeline_name=pipeline, report_on=on)
    given = facts(run=run, documents=documents, store_names=store_names)
    return [one.attached_as for one in named(given, run)]


@pytest.mark.parametrize(
    ("pipeline", "kind", "on", "period"),
    [
        (Pipeline.DAILY, "store_daily_pdf", SATURDAY, "Sat 28 Nov 2026"),
        (Pipeline.WEEKLY, "store_weekly_pdf", date(2026, 11, 22), "16\N{EN DASH}22 Nov 2026"),
        (Pipeline.MONTHLY, "store_monthly_pdf", date(2026, 11, 30), "Nov 2026"),
    ],
)
def test_a_report_is_named_by_store_and_period(pipeline, kind, on, period):
    reports = [document(code, doc_type=kind) for code in ("A668", "B002", "ALL")]
    assert names(*reports, pipeline=pipeline, on=on, A668="Riverside Colony") == [
        f"{about} \N{EN DASH} {period}.pdf" for about in ("Riverside Colony", "B002", "All stores")
    ]


def test_two_stores_of_one_name_have_their_code_in_it():
    assert names(document("A668"), document("A817"), A668="Lake View", A817="LAKE VIEW") == [
        "Lake View A668 \N{EN DASH} Sat 28 Nov 2026.pdf",
        "LAKE VIEW A817 \N{EN DASH} Sat 28 Nov 2026.pdf",
    ]


@pytest.mark.parametrize(
    "other",
    [document(None), document("A668", doc_type="invoice")],
    ids=["of no store", "of another kind"],
)
def test_what_is_no_report_of_the_period_keeps_its_name(other):
    assert names(other, A668="Riverside Colony") == [other.file_name]


def test_a_foreign_pipeline_and_a_run_without_a_date_keep_the_names():
    report = document("A668")
    assert names(report, pipeline="other") == names(report, on=None) == [report.file_name]


@given(st.text(max_size=300))
def test_whatever_a_store_is_called_its_report_has_a_name_that_a_disk_takes(name):
    [shown] = names(document("A668"), A668=name)

    assert len(shown.encode()) <= 255
    assert shown.endswith(" \N{EN DASH} Sat 28 Nov 2026.pdf")
    assert not set(shown) & set('\\/:*?"<>|\n\r\t\x00')
    assert not shown.startswith((" ", "."))
