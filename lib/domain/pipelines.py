"""The pipelines, one row each: its job, how it cuts the days into periods, its documents.

Whoever runs, reports, mails, prunes or shows a pipeline reads it here. Pure.

Source: docs/reference/contract.md#pipelines-and-documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from lib import dates
from lib.dates import Period
from lib.model import Pipeline

_DAY = r"\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class PipelineFacts:
    """What is fixed about one pipeline."""

    pipeline: Pipeline
    #: Of `python -m jobs.<job>`; also what people call the pipeline.
    job: str
    #: `doc_type` of its reports' rows in `documents`.
    document_type: str
    #: The period that contains a day.
    period_of: Callable[[date], Period]
    #: What people call a period; what `--period` takes.
    label: Callable[[Period], str]
    #: Between the store code and `.pdf` in the name of a report's file.
    file_part: Callable[[Period], str]
    #: A regular expression for every `file_part`.
    file_parts: str
    #: An old period that no run closed can still be made. A past day cannot: the portal shows only
    #: yesterday (lesson 107).
    is_caught_up: bool

    def complete(self, first: date, today: date) -> list[Period]:
        """Return the periods with a day from `first` on that ended before `today`, oldest first."""
        return dates.complete(first, today, self.period_of)

    def file_name(self, store_code: str, period: Period) -> str:
        """Return the name of a report's file, `A668_2025-11-14.pdf`."""
        return f"{store_code}_{self.file_part(period)}.pdf"

    def is_file_name(self, name: str) -> bool:
        """Return True for the name of a report of this pipeline, whatever store and period.

        Also of a superseded version.
        """
        return _names_of(self).fullmatch(name) is not None


def _names_of(*rows: PipelineFacts) -> re.Pattern[str]:
    parts = "|".join(facts.file_parts for facts in rows)
    return re.compile(rf"[A-Z0-9]{{1,16}}_(?:{parts})(?:_v\d{{1,4}})?\.pdf", re.ASCII)


def version_name(file_name: str, version: int) -> str:
    """Return the name of the file of a superseded version: `A668_month_2025-10_v1.pdf`."""
    return f"{file_name.removesuffix('.pdf')}_v{version}.pdf"


def _day(period: Period) -> str:
    return f"{period.last}"


def _week(period: Period) -> str:
    return f"week_{period.first}_to_{period.last}"


def _month(period: Period) -> str:
    return f"month_{period.last:%Y-%m}"


DAILY = PipelineFacts(
    Pipeline.DAILY,
    job="daily",
    document_type="store_daily_pdf",
    period_of=dates.day_of,
    label=_day,
    file_part=_day,
    file_parts=_DAY,
    is_caught_up=False,
)
WEEKLY = PipelineFacts(
    Pipeline.WEEKLY,
    job="weekly",
    document_type="store_weekly_pdf",
    period_of=dates.week_of,
    label=dates.week_label,
    file_part=_week,
    file_parts=rf"week_{_DAY}_to_{_DAY}",
    is_caught_up=True,
)
MONTHLY = PipelineFacts(
    Pipeline.MONTHLY,
    job="monthly",
    document_type="store_monthly_pdf",
    period_of=dates.month_of,
    label=dates.month_label,
    file_part=_month,
    file_parts=r"month_\d{4}-\d{2}",
    is_caught_up=True,
)

PIPELINES: Mapping[Pipeline, PipelineFacts] = MappingProxyType(
    {facts.pipeline: facts for facts in (DAILY, WEEKLY, MONTHLY)}
)

#: The whole name of a report's file, of any pipeline.
REPORT_NAMES = _names_of(*PIPELINES.values())


def of_job(job: str) -> Pipeline | None:
    """Return the pipeline whose runs the job makes; None for a job that makes none."""
    for facts in PIPELINES.values():
        if facts.job == job:
            return facts.pipeline

    return None


def name_of(pipeline: str) -> str:
    """Return what people call a pipeline, `daily`; of one that is not ours its code."""
    for facts in PIPELINES.values():
        if facts.pipeline == pipeline:
            return facts.job

    return pipeline
