"""Every setting by name: what `.env.example` and docs/reference/settings.md must list, and what is merely noise."""

from __future__ import annotations

import re
from collections.abc import Iterable

SETTINGS = frozenset(
    """
    DATABASE_URL RUN_ENV ENVIRONMENT PIPELINE_TIMEZONE STORES_LIST stores_list REPORT_STORES_LIST
    TD_<KEY>_USERNAME TD_<KEY>_PASSWORD TD_<KEY>_STORE_CODE TD_<KEY>_STORAGE_STATE_FILENAME TD_STORAGE_STATE_FILENAME
    TD_BASE_URL TD_LOGIN_URL TD_HOME_URL TMS_BASE TD_STORE_DASHBOARD_PATH
    PORTAL_CONCURRENCY PORTAL_TIMEOUT_SECONDS BROWSER_EXECUTABLE
    DATA_DIR REPORTS_ROOT PROFILES_DIR LOGS_DIR
    INGEST_BATCH_SIZE JSON_LOG_FILE LOG_RETENTION_DAYS
    PDF_RENDER_BACKEND PDF_RENDER_CHROME_EXECUTABLE
    REPORT_EMAIL_SMTP_HOST REPORT_EMAIL_SMTP_PORT REPORT_EMAIL_SMTP_USERNAME REPORT_EMAIL_SMTP_PASSWORD
    REPORT_EMAIL_FROM REPORT_EMAIL_USE_TLS
    """.split()
)
SECRETS = frozenset({"DATABASE_URL", "TD_<KEY>_PASSWORD", "REPORT_EMAIL_SMTP_PASSWORD"})
"""Those that may also come from `NAME_FILE`."""

RETIRED = frozenset({"REPORT_EMAIL_TO", "REPORT_EMAIL_CC", "REPORT_EMAIL_SUBJECT_TEMPLATE"})
"""Direct mail went with them: recipients and templates live in the database."""

ACCOUNT_SUFFIXES = ("STORAGE_STATE_FILENAME", "STORE_CODE", "USERNAME", "PASSWORD")

_ACCOUNT = re.compile(rf"TD_(?P<key>[A-Z0-9]+)_(?:{'|'.join(ACCOUNT_SUFFIXES)}|PASSWORD_FILE)")
_PLAIN = {name for name in SETTINGS if "<" not in name} | {f"{name}_FILE" for name in SECRETS if "<" not in name}


def account_keys(names: Iterable[str]) -> list[str]:
    """Return the KEYs that have any `TD_<KEY>_…` setting, sorted."""
    matches = (_ACCOUNT.fullmatch(name) for name in names if name not in _PLAIN)
    return sorted({match["key"] for match in matches if match})


def warnings(names: Iterable[str]) -> list[str]:
    """Say in words which `TD_*` and `REPORT_*` names are set but never used, sorted by name."""
    return [text for name in sorted(names) if (text := _warning(name))]


def _warning(name: str) -> str | None:
    if name in RETIRED:
        return f"{name} is retired and not used: recipients and templates live in the database"
    if name.startswith(("TD_", "REPORT_")) and name not in _PLAIN and not _ACCOUNT.fullmatch(name):
        return f"{name} is not a setting and is not used; docs/reference/settings.md lists them all"
    return None
