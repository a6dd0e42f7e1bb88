"""How long things are kept, with the least that a retry, a catch-up or a replay needs."""

from __future__ import annotations

from lib.config.settings import RetentionSettings
from lib.config.source import Source

MOST_DAYS = 36_500
#: What was read today cannot be of a month that is still open after so many days.
MONTH_DAYS = 31
#: A month's reports and mails are there until the next month is reported, too.
TWO_MONTHS_DAYS = 62


def read(source: Source) -> RetentionSettings:
    """Return the retention settings; contradictions are problems."""

    def days(name: str, least: int) -> int:
        return source.positive(name, least=least, most=MOST_DAYS)

    kept = RetentionSettings(
        report_days=days("REPORT_RETENTION_DAYS", TWO_MONTHS_DAYS),
        data_days=days("DATA_RETENTION_DAYS", MONTH_DAYS),
        reject_days=days("REJECT_RETENTION_DAYS", MONTH_DAYS),
        mail_days=days("MAIL_RETENTION_DAYS", TWO_MONTHS_DAYS),
        artefact_days=days("ARTEFACT_RETENTION_DAYS", 1),
        storage_state_days=days("STORAGE_STATE_RETENTION_DAYS", 1),
    )
    for name, raw_days in (
        ("DATA_RETENTION_DAYS", kept.data_days),
        ("REJECT_RETENTION_DAYS", kept.reject_days),
    ):
        if raw_days > kept.report_days:
            source.problems.append(
                f"{name} is longer than REPORT_RETENTION_DAYS: rows of customers would outlive the reports about them"
            )

    return kept
