"""Paragraphs of a mail about the run that no template holds: why there is no report, what is wrong.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lib.model import Finding, Status
from lib.notify.model.rows import RunSummaryRow

NO_DOCUMENTS = "No documents were produced"


def no_documents(run: RunSummaryRow) -> str:
    """Return the paragraph of a run that made no document, with the reasons that its row gives."""
    reasons = _reasons(run.metrics)
    opening = f"{NO_DOCUMENTS}. The run ended as {run.overall_status}"

    if not reasons:
        return f"{opening}; its summary below tells what happened."

    return "\n".join([f"{opening}, because:", *map(_bullet, reasons)])


def problems(findings: Iterable[Finding]) -> str:
    """Return the paragraph about mails that do not go out as configured; empty without any."""
    worth_reading = [finding for finding in findings if finding.severity is not Status.OK]
    if not worth_reading:
        return ""

    bullets = [_bullet(str(finding)) for finding in worth_reading]
    return "\n".join(["Notification problems:", *bullets])


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    """Return the failed reports of a run, else its issues; everything else is ignored.

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
