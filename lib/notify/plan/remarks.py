"""Paragraphs of a mail about the run that no template holds: why there is no report, what is wrong.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from lib.domain.stores import ALL
from lib.model import Finding, Status
from lib.notify.model.rows import RunSummaryRow
from lib.plural import counted, named

NO_DOCUMENTS = "No documents were produced"

#: Stores that a line names.
_LISTED_STORES = 20
#: Missing days that a mail lists one by one.
_LISTED_DAYS = 4


def no_documents(run: RunSummaryRow) -> str:
    """Return the paragraph of a run that made no document, with the reasons that its row gives."""
    reasons = _reasons(run.metrics)
    opening = f"{NO_DOCUMENTS}. The run ended as {run.overall_status}"

    if not reasons:
        return f"{opening}; its summary below tells what happened."

    return "\n".join([f"{opening}, because:", *map(_bullet, reasons)])


def with_problems(
    run: RunSummaryRow,
    findings: Iterable[Finding],
) -> RunSummaryRow:
    """Return the run as a mail about it shows it: no better than what is wrong with its mails.

    Its summary was written before the mails were planned.
    """
    severities = []

    for one in findings:
        if one.severity is not Status.OK:
            severities.append(one.severity)

    if not severities or run.overall_status not in set(Status):
        return run

    status = Status.worst([Status(run.overall_status), *severities])
    lines = run.summary_text.splitlines()
    lines = [f"Status: {status}" if line.startswith("Status: ") else line for line in lines]

    if lines[-2:] == ["Issues:", "- none"]:
        count = counted(len(severities), "notification problem")
        lines[-1] = f"- {count}, listed above"

    return replace(
        run,
        overall_status=status,
        summary_text="\n".join(lines),
    )


def problems(findings: Iterable[Finding]) -> str:
    """Return the paragraph about mails that do not go out as configured; empty without any.

    Each problem is there once, with its stores.
    """
    stores: dict[str, list[str]] = {}

    for finding in findings:
        if finding.severity is not Status.OK:
            named = stores.setdefault(finding.text, [])
            named += [finding.store_code] if finding.store_code else []

    if not stores:
        return ""

    bullets = []

    for text, codes in stores.items():
        bullets.append(_bullet(_of_stores(text, codes)))

    return "\n".join(["Notification problems:", *bullets])


def _of_stores(
    text: str,
    store_codes: Sequence[str],
) -> str:
    """Return a problem with the stores that have it: `A431, B002: there is …`."""
    return f"{named(store_codes, _LISTED_STORES)}: {text}" if store_codes else text


def missing_days(run: RunSummaryRow, store_code: str | None) -> str:
    """Return the paragraph about days without figures in a week or month; empty without any.

    In a mail about all stores each store that lacks days is named.
    """
    by_store = run.metrics.get("missing_days")
    if store_code is None or not isinstance(by_store, Mapping):
        return ""

    if store_code == ALL:
        lines = []

        for code, days in sorted(by_store.items()):
            if days:
                lines.append(f"{code}: {_days(days)}")
    else:
        lines = [_days(by_store[store_code])] if by_store.get(store_code) else []

    if not lines:
        return ""

    listed = "; ".join(lines)
    return (
        f"The portal gave no figures of these days, and the report is made without them: {listed}."
    )


def _days(texts: Sequence[str]) -> str:
    """Return ISO dates as `16 Nov`, up to a handful; of more, the first, the last and a count."""
    days = list(map(date.fromisoformat, texts))
    if len(days) > _LISTED_DAYS:
        return f"{_day(days[0])} to {_day(days[-1])} ({len(days)} days)"

    return ", ".join(map(_day, days))


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    """Return the failed reports of a run, else its issues; everything else is ignored.

    Source: docs/reference/domain.md#run-summary.
    """
    stores = metrics.get("stores")
    failures = stores.get("report_failures") if isinstance(stores, Mapping) else None

    if isinstance(failures, Mapping) and failures:
        found = []

        for code, reason in sorted(failures.items()):
            found.append(f"{code}: {reason}")

        return found

    issues = metrics.get("issues")
    return list(map(str, issues)) if isinstance(issues, list) else []


def _bullet(text: str) -> str:
    return f"- {text}"
