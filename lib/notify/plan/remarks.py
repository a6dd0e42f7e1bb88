"""What a mail about the run says besides its template: why there is no report, which mails have problems. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lib.model import Finding, Status
from lib.notify.model.rows import Run

NO_DOCUMENTS = "No documents were produced"


def no_documents(run: Run) -> str:
    """Return the paragraph of a run that made no document: that it did not, and why as far as the run tells."""
    reasons = _reasons(run.metrics)
    if not reasons:
        return f"{NO_DOCUMENTS}. The run ended as {run.overall_status}; its summary below tells what happened."

    return "\n".join(
        [f"{NO_DOCUMENTS}. The run ended as {run.overall_status}, because:", *map(_bullet, reasons)]
    )


def problems(findings: Iterable[Finding]) -> str:
    """Return the paragraph about mails that do not go out as configured; empty when there is nothing to read."""
    worth_reading = [finding for finding in findings if finding.severity is not Status.OK]
    if not worth_reading:
        return ""

    return "\n".join(
        ["Notification problems:", *(_bullet(str(finding)) for finding in worth_reading)]
    )


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    """Read the failed reports, else the issues, out of the run's metrics; all else is ignored.

    Source: docs/reference/domain.md#run-summary.
    """
    stores = metrics.get("stores")

    failures = stores.get("report_failures") if isinstance(stores, Mapping) else None
    if isinstance(failures, Mapping) and failures:
        return [f"{code}: {reason}" for code, reason in sorted(failures.items())]

    issues = metrics.get("issues")
    return [str(issue) for issue in issues] if isinstance(issues, list) else []


def _bullet(text: str) -> str:
    return f"- {text}"
