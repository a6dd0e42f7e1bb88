"""A database check for people and for machines. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lib.model import Finding, Status

if TYPE_CHECKING:
    from lib.db.health import Check


def status(checks: Sequence[Check]) -> Status:
    """Return the worst status of the checks."""
    return Status.worst([check.status for check in checks])


def as_text(checks: Sequence[Check]) -> str:
    """Return one line a check with its findings below, and a last line with the verdict."""
    lines = []

    for check in checks:
        lines.append(f"{check.status.upper():<8} {check.name}")

        for finding in check.findings:
            lines.append(f"         {finding.severity}: {finding}")

    return "\n".join([*lines, f"database: {status(checks)}"])


def as_json(checks: Sequence[Check]) -> str:
    """Return one JSON object.

    `{"status", "checks": [{"name", "status", "findings": [{"severity", "text", "store_code"}]}]}`
    """
    answers = []

    for check in checks:
        findings = list(map(_as_plain, check.findings))
        answers.append({"name": check.name, "status": check.status, "findings": findings})

    return json.dumps({"status": status(checks), "checks": answers}, indent=2)


def _as_plain(finding: Finding) -> dict[str, str | None]:
    return {
        "severity": finding.severity,
        "text": finding.text,
        "store_code": finding.store_code,
    }
