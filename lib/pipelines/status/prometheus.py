"""The overview as a file for Prometheus, by way of the node exporter's textfile collector.

Every metric is a gauge, in base units, and what is not known has no sample. The text is OpenMetrics
that readers of the older Prometheus format read, too.

Source: docs/how-to/watch-with-prometheus.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from lib.domain.mail_states import OPEN_STATES, MailState
from lib.domain.pipelines import PIPELINES
from lib.pipelines.deadline import DeadlineState
from lib.pipelines.status.facts import Overview, Telemetry
from lib.pipelines.status.show import write_whole

#: The collector runs as a user of its own; nothing in the file is about a person.
READABLE_BY_ALL = 0o644

#: `pending` and `sending` both mean that a run still has to send the mail.
OWED = "owed"
STATES = (OWED, MailState.UNCERTAIN, MailState.FAILED)


def write_metrics(
    overview: Overview,
    path: Path,
) -> None:
    """Write the metrics to `path`, whole or not at all.

    Raise ConfigurationError if that cannot be written.
    """
    write_whole(path, metrics(overview), "--prometheus", READABLE_BY_ALL)


def metrics(overview: Overview) -> bytes:
    """Return all metrics as text, those of one name together."""
    registry = CollectorRegistry()

    _add_looked_at(registry, overview.at)
    _add_runs(registry, overview.at, overview.telemetry)
    _add_stores(registry, overview)
    _add_mails(registry, overview)
    _add_rows(registry, overview.telemetry)
    _add_deadlines(registry, overview.deadlines)

    # The library's own annotations end before this function.
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text


def _add_looked_at(registry: CollectorRegistry, at: datetime) -> None:
    gauge = Gauge(
        "simplify_status_timestamp_seconds",
        "When these metrics were written, as seconds since 1970.",
        registry=registry,
    )
    gauge.set(at.timestamp())


def _add_runs(
    registry: CollectorRegistry,
    at: datetime,
    telemetry: Telemetry,
) -> None:
    success = Gauge(
        "simplify_last_success_timestamp_seconds",
        "When the last run ended that left nothing to do for its report date.",
        ["pipeline"],
        registry=registry,
    )
    age = Gauge(
        "simplify_last_success_age_seconds",
        "How long ago that was when these metrics were written.",
        ["pipeline"],
        registry=registry,
    )

    for pipeline, ended_at in telemetry.successes.items():
        job = PIPELINES[pipeline].job
        success.labels(job).set(ended_at.timestamp())
        age.labels(job).set((at - ended_at).total_seconds())

    duration = Gauge(
        "simplify_phase_duration_seconds",
        "How long a phase of the pipeline's last ended run took.",
        ["pipeline", "phase"],
        registry=registry,
    )

    for pipeline, durations in telemetry.durations_s.items():
        for phase, seconds in durations.items():
            duration.labels(PIPELINES[pipeline].job, phase).set(seconds)


def _add_stores(registry: CollectorRegistry, overview: Overview) -> None:
    expected = Gauge(
        "simplify_stores",
        "Stores that get a daily report.",
        registry=registry,
    )
    expected.set(len(overview.morning.stores))

    missing = Gauge(
        "simplify_stores_without_report",
        "Stores that have no report about yesterday.",
        registry=registry,
    )
    missing.set(len(overview.morning.missing))

    without = Gauge(
        "simplify_store_without_report",
        "1 for each store that has no report about yesterday.",
        ["store_code"],
        registry=registry,
    )

    for code in sorted(overview.morning.missing):
        without.labels(code).set(1)


def _add_mails(registry: CollectorRegistry, overview: Overview) -> None:
    """Add the mails by state; a state without mails has a sample of 0, so that alerts can end."""
    counts: Counter[tuple[str, str]] = Counter()

    for mails in overview.mails:
        is_owed = mails.state in OPEN_STATES and mails.state != MailState.UNCERTAIN
        counts[mails.pipeline, OWED if is_owed else mails.state] += mails.deliveries

    gauge = Gauge(
        "simplify_mails",
        "Mails that are owed, uncertain, or were refused for good (failed) about the last 7 days.",
        ["pipeline", "state"],
        registry=registry,
    )

    for pipeline, facts in PIPELINES.items():
        for state in STATES:
            gauge.labels(facts.job, state).set(counts[pipeline, state])


def _add_rows(registry: CollectorRegistry, telemetry: Telemetry) -> None:
    gauge = Gauge(
        "simplify_bucket_rows",
        "Rows of the last load of a bucket, by what became of them.",
        ["bucket", "result"],
        registry=registry,
    )

    for (bucket, result), rows in telemetry.rows.items():
        gauge.labels(bucket, result).set(rows)


def _add_deadlines(registry: CollectorRegistry, deadline_states: Iterable[DeadlineState]) -> None:
    """Add when the mails of each pipeline's latest period must be, are expected and were out."""
    due = Gauge(
        "simplify_mails_due_timestamp_seconds",
        "When the mails of the pipeline's latest period must be out.",
        ["pipeline"],
        registry=registry,
    )
    expected = Gauge(
        "simplify_mails_expected_timestamp_seconds",
        "When they were or are expected to be out, from how long earlier runs took.",
        ["pipeline"],
        registry=registry,
    )
    out = Gauge(
        "simplify_mails_out_timestamp_seconds",
        "When the last of them was sent.",
        ["pipeline"],
        registry=registry,
    )

    for state in deadline_states:
        job = PIPELINES[state.pipeline].job
        instants = (
            (due, state.due_at),
            (expected, state.expected_at),
            (out, state.out_at),
        )

        for gauge, at in instants:
            if at is not None:
                gauge.labels(job).set(at.timestamp())
