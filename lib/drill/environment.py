"""The environment of a drill's jobs: the host's settings, with everything that leads out replaced.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib.drill.mail_server import MailServer
from lib.drill.queries import NOBODY

#: Whatever would tell people or a watchdog of a run that is broken on purpose, be read from owners,
#: or draw on other hosts: empty, which also hides what `.env` says.
_SILENCED = (
    "ALERT_URLS",
    "DEADLINE_DAILY",
    "DEADLINE_MONTHLY",
    "DEADLINE_WEEKLY",
    "DRAW_SCHEDULER",
    "DRAW_TLS_CA",
    "DRAW_TLS_CERT",
    "HEALTHCHECK_URL_DAILY",
    "HEALTHCHECK_URL_DB_CHECK",
    "HEALTHCHECK_URL_MIGRATE",
    "HEALTHCHECK_URL_STATUS",
    "JSON_LOG_FILE",
    "REPORT_EMAIL_PER_MINUTE",
    "REPORT_EMAIL_REPLY_TO",
    "REPORT_EMAIL_SMTP_PASSWORD",
    "REPORT_EMAIL_SMTP_USERNAME",
    "RETURNS_DIR",
    "RETURNS_IMAP_URL",
)
#: Volumes of the run, by their settings.
_VOLUMES = ("DATA_DIR", "REPORTS_ROOT", "PROFILES_DIR", "LOGS_DIR", "TMPDIR")


def volumes(root: Path) -> dict[str, Path]:
    """Return the directories of the run by their settings, below `root`."""
    return {name: root / name.lower() for name in _VOLUMES}


def of_job(
    given: Mapping[str, str],
    *,
    database_url: str,
    root: Path,
    mails: MailServer,
) -> dict[str, str]:
    """Return the variables of a job of the drill."""
    found = dict(given)

    for name in _SILENCED:
        found[name] = ""
        found[f"{name}_FILE"] = ""

    for name, path in volumes(root).items():
        found[name] = str(path)

    return found | {
        "DATABASE_URL": database_url,
        "DATABASE_URL_FILE": "",
        "REPORT_EMAIL_SMTP_HOST": mails.host,
        "REPORT_EMAIL_SMTP_PORT": str(mails.port),
        "REPORT_EMAIL_USE_TLS": "false",
        "REPORT_EMAIL_FROM": f"drill@{NOBODY}",
    }
