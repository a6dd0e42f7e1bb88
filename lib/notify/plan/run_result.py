"""How a run ended, for those who run the system: the result in one line, then in a few paragraphs.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lib.domain.pipelines import name_of
from lib.domain.stores import ALL
from lib.model import Pipeline, Status
from lib.notify.model.rows import Document, RunSummaryRow
from lib.period_names import instant_name, period_name
from lib.plural import counted, named, shortened

#: Stores that a subject names; a subject is read on a telephone.
NAMED_IN_SUBJECT = 6
#: Stores that a line of the text names.
NAMED = 20
LONGEST_REASON = 80

_HEADINGS = {
    "root": "What went wrong:",
    "consequence": "What followed from that:",
    "remark": "Remarks:",
}


@dataclass(frozen=True)
class RunResult:
    """What a mail about a run says, as the values `result` and `result_text` of its template."""

    subject: str
    text: str


@dataclass(frozen=True)
class _ReportCount:
    """The reports of a run's period, by store code."""

    expected: tuple[str, ...]
    made: frozenset[str]
    without_data: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """Stores that should have a report and have none; without those that have no data."""
        return [
            code
            for code in self.expected
            if code not in self.made and code not in self.without_data
        ]

    @property
    def words(self) -> str:
        """Return `14 of 16 reports`."""
        done = len(self.made & {*self.expected}) if self.expected else len(self.made)
        total = len(self.expected)
        if not total:
            return counted(done, "report") if done else "no report"

        return f"{done} of {counted(total, 'report')}"


def run_result(
    run: RunSummaryRow,
    documents: Iterable[Document],
    zone: ZoneInfo,
    *,
    mails: int,
    problems: int,
) -> RunResult:
    """Return the result of `run` in words.

    `documents` are those of its period, `mails` is how many mails it owes or has sent, `problems`
    how many things are wrong with its mails.
    """
    count = _count(run, documents)
    causes = causes_of(run.metrics, is_error=run.overall_status == Status.ERROR)
    subject = _subject(
        run,
        count,
        causes,
        mails=mails,
        problems=problems,
    )

    paragraphs = [
        _reports(count),
        *_cause_paragraphs(causes),
        _rows(run.metrics),
        _footer(run, zone),
    ]

    return RunResult(subject, "\n\n".join(filter(None, paragraphs)))


def _count(
    run: RunSummaryRow,
    documents: Iterable[Document],
) -> _ReportCount:
    stores = run.metrics.get("stores")
    expected = run.metrics.get("stores_expected", [])

    if isinstance(stores, Mapping):
        # Rows of earlier releases have no `expected`.
        tried = {*stores.get("report_success", []), *stores.get("report_failures", {})}
        expected = stores.get("expected") or sorted(tried)

    made = {
        document.store_code
        for document in documents
        if document.store_code and not document.is_pruned
    }
    return _ReportCount(
        tuple(expected),
        frozenset(made - {ALL}),
        frozenset(run.metrics.get("stores_without_data", [])),
    )


def causes_of(
    metrics: Mapping[str, Any],
    *,
    is_error: bool,
) -> list[Mapping[str, Any]]:
    """Return the causes that a run's metrics hold; of an earlier release's row its issues.

    Roots come first, then what followed from them, then remarks. Source: lib/run/causes.py.
    """
    causes = metrics.get("causes")
    if isinstance(causes, list):
        return causes

    issues = metrics.get("issues")
    texts = issues if isinstance(issues, list) else []
    rank = "root" if is_error else "remark"

    return [{"rank": rank, "reason": str(text), "stores": {}, "others": []} for text in texts]


def cause_line(cause: Mapping[str, Any]) -> str:
    """Return `- a server error (status 500): TS48 (dashboard), B002 (missed_leads)`."""
    met = []

    for code, units in sorted(cause["stores"].items()):
        met.append(f"{code} ({', '.join(units)})" if units else code)

    met += cause["others"]
    where = f": {named(met, NAMED)}" if met else ""

    return f"- {cause['reason']}{where}"


def _subject(
    run: RunSummaryRow,
    count: _ReportCount,
    causes: Sequence[Mapping[str, Any]],
    *,
    mails: int,
    problems: int,
) -> str:
    """Return `OK | daily 28 Nov: 16 of 16 reports, 17 mails`."""
    made = f"{count.words}, {counted(mails, 'mail')}"
    roots = [cause for cause in causes if cause["rank"] == "root"]
    missing = count.missing
    failed = [code for code in _stores(roots) if code not in missing]

    if not causes and not problems and run.overall_status == Status.OK:
        result, detail = "OK", made
    elif run.metrics.get("stores_with_data") == []:
        result, detail = "NO DATA", "no store has any"
    elif len(missing) == len(count.expected) > 1:
        result = f"ALL {counted(len(missing), 'STORE', 'STORES')} FAILED"
        detail = _reason(roots) if roots else named(missing, NAMED_IN_SUBJECT)
    elif missing and run.overall_status == Status.ERROR:
        result = f"{counted(len(missing), 'STORE', 'STORES')} FAILED"
        detail = named(missing, NAMED_IN_SUBJECT)
    elif failed:
        result = f"{counted(len(failed), 'STORE', 'STORES')} INCOMPLETE"
        detail = f"{named(failed, NAMED_IN_SUBJECT)}; {made}"
    elif roots:
        result, detail = "FAILED", _reason(roots)
    elif run.overall_status == Status.ERROR:
        result, detail = "TO DO", made
    else:
        remarks = len(causes) + problems
        result, detail = f"OK, {counted(remarks, 'REMARK', 'REMARKS')}" if remarks else "OK", made

    return f"{result} | {_about(run)}: {detail}"


def _about(run: RunSummaryRow) -> str:
    """Return `daily 28 Nov`, `weekly 16-22 Nov`."""
    name = name_of(run.pipeline_name)
    if run.report_on is None:
        return name

    # The weekday is of no use to those who run the system.
    code = "" if run.pipeline_name == Pipeline.DAILY else run.pipeline_name
    return f"{name} {period_name(code, run.report_on)}"


def _stores(causes: Iterable[Mapping[str, Any]]) -> list[str]:
    codes: set[str] = set()

    for cause in causes:
        codes.update(cause["stores"])

    return sorted(codes)


def _reports(count: _ReportCount) -> str:
    words = count.words
    lines = [f"{words[0].upper()}{words[1:]} made."]

    if count.missing:
        lines.append(f"No report: {named(count.missing, NAMED)}.")

    if count.without_data:
        lines.append(f"Without data: {named(sorted(count.without_data), NAMED)}.")

    return "\n".join(lines)


def _cause_paragraphs(causes: Sequence[Mapping[str, Any]]) -> list[str]:
    paragraphs = []

    for rank, heading in _HEADINGS.items():
        lines = [cause_line(cause) for cause in causes if cause["rank"] == rank]
        if lines:
            paragraphs.append("\n".join([heading, *lines]))

    return paragraphs


def _rows(metrics: Mapping[str, Any]) -> str:
    """Return how many rows of each export were loaded; empty where the run loads none."""
    buckets = metrics.get("buckets")
    if not isinstance(buckets, Mapping) or not buckets:
        return ""

    loaded = []
    for name, bucket in sorted(buckets.items()):
        counts = bucket.get("counts", {})
        if "ingested_rows" in counts:
            loaded.append(f"{name} {counts['ingested_rows']}")

    return f"Rows loaded: {', '.join(loaded)}." if loaded else ""


def _footer(run: RunSummaryRow, zone: ZoneInfo) -> str:
    took = _duration(run.finished_at - run.started_at)
    began = instant_name(run.started_at, zone)

    return f"Began {began}, took {took}. Environment {run.run_env}, run {run.run_id}."


def _duration(took: timedelta) -> str:
    """Return `1 min 16 s`, `2 h 5 min`, `9 s`; never negative."""
    seconds = max(int(took.total_seconds()), 0)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)

    if hours:
        return f"{hours} h {minutes} min"

    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _reason(causes: Sequence[Mapping[str, Any]]) -> str:
    """Return the reason of the first cause, as long as a subject has room for it."""
    return shortened(str(causes[0]["reason"]), LONGEST_REASON)
