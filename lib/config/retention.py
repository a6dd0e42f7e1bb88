"""How long things are kept."""

from __future__ import annotations

from lib.config.settings import RetentionSettings
from lib.config.source import Source


def read(source: Source) -> RetentionSettings:
    """Return the retention settings; contradictions are problems."""
    kept = RetentionSettings(
        report_days=source.positive("REPORT_RETENTION_DAYS"),
        data_days=source.positive("DATA_RETENTION_DAYS"),
        reject_days=source.positive("REJECT_RETENTION_DAYS"),
        mail_days=source.positive("MAIL_RETENTION_DAYS"),
        artefact_days=source.positive("ARTEFACT_RETENTION_DAYS"),
        storage_state_days=source.positive("STORAGE_STATE_RETENTION_DAYS"),
        return_days=source.positive("RETURN_RETENTION_DAYS"),
    )

    days_of_rows = {
        "DATA_RETENTION_DAYS": kept.data_days,
        "REJECT_RETENTION_DAYS": kept.reject_days,
        "RETURN_RETENTION_DAYS": kept.return_days,
    }
    for name, days in days_of_rows.items():
        if days > kept.report_days:
            source.problems.append(
                f"{name} is longer than REPORT_RETENTION_DAYS: "
                "rows of customers would outlive the reports about them",
            )

    return kept
