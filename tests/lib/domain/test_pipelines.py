"""What is fixed about each pipeline, and that nothing of it is said twice."""

from __future__ import annotations

from datetime import date

import pytest

from lib.dates import Period
from lib.domain import pipelines
from lib.domain.pipelines import DAILY, MONTHLY, PIPELINES, REPORT_NAMES, WEEKLY
from lib.model import Pipeline

FILES = {
    Pipeline.DAILY: "A668_2026-01-04.pdf",
    Pipeline.WEEKLY: "A668_week_2025-12-29_to_2026-01-04.pdf",
    Pipeline.MONTHLY: "A668_month_2026-01.pdf",
}


def test_every_pipeline_has_its_row():
    assert set(PIPELINES) == set(Pipeline)


def test_no_two_pipelines_share_a_job_or_a_type_of_document():
    assert len({facts.job for facts in PIPELINES.values()}) == len(Pipeline)
    assert len({facts.document_type for facts in PIPELINES.values()}) == len(Pipeline)


@pytest.mark.parametrize("facts", PIPELINES.values(), ids=PIPELINES)
def test_a_report_s_name_is_recognised_by_its_own_pipeline_only(facts):
    name = facts.file_name("A668", facts.period_of(date(2026, 1, 4)))

    assert name == FILES[facts.pipeline]
    assert [one.pipeline for one in PIPELINES.values() if one.is_file_name(name)] == [
        facts.pipeline
    ]
    assert REPORT_NAMES.fullmatch(name)


def test_a_job_leads_to_its_pipeline_and_back():
    assert [pipelines.of_job(facts.job) for facts in PIPELINES.values()] == list(PIPELINES)

    assert pipelines.of_job("prune") is None
    assert pipelines.name_of("simplify_dashboard_weekly") == "weekly"
    assert pipelines.name_of("another") == "another"


def test_periods_are_labelled_as_period_options_take_them():
    assert WEEKLY.label(WEEKLY.period_of(date(2025, 11, 14))) == "2025-W46"

    assert MONTHLY.label(MONTHLY.period_of(date(2025, 11, 14))) == "2025-11"
    assert DAILY.label(DAILY.period_of(date(2025, 11, 14))) == "2025-11-14"


def test_only_periods_that_are_over_are_complete():
    assert WEEKLY.complete(date(2025, 11, 12), date(2025, 11, 17)) == [
        Period(date(2025, 11, 10), date(2025, 11, 16))
    ]
    assert WEEKLY.complete(date(2025, 11, 12), date(2025, 11, 16)) == []


STRANGERS = (
    "A668_11-14.pdf",
    "A668_2025-11-14.pdf.bak",
    "a668_2025-11-14.pdf",
    "A668_2025-11-14 (1).pdf",
    "A668_week_2025-11-10.pdf",
    "A668_2025-11-1\N{DEVANAGARI DIGIT FOUR}.pdf",
    "notes.txt",
    "A668_2025-11-14.pdf\n",
)


@pytest.mark.parametrize("name", STRANGERS)
def test_any_other_name_is_no_report_s(name):
    assert REPORT_NAMES.fullmatch(name) is None
    assert not any(facts.is_file_name(name) for facts in PIPELINES.values())


def test_a_superseded_version_is_a_report_of_its_pipeline():
    name = pipelines.version_name("A668_month_2025-10.pdf", 3)

    assert name == "A668_month_2025-10_v3.pdf"
    assert REPORT_NAMES.fullmatch(name)
    assert [facts.job for facts in PIPELINES.values() if facts.is_file_name(name)] == ["monthly"]
