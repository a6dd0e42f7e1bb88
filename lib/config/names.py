"""Every setting by name and default: what `.env.example` and docs/reference/settings.md must say, and what is noise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

#: Name to default, empty for none.
#:
#: `<KEY>` stands for the cost-centre key of a store, as in `TD_UN3668_USERNAME`, `<JOB>` for a job,
#: as in `HEALTHCHECK_URL_DAILY`.
SETTINGS: Mapping[str, str] = {
    "DATABASE_URL": "",
    "RUN_ENV": "dev",
    "ENVIRONMENT": "",
    "PIPELINE_TIMEZONE": "Asia/Kolkata",
    "STORES_LIST": "",
    "stores_list": "",
    "REPORT_STORES_LIST": "",
    "TD_<KEY>_USERNAME": "",
    "TD_<KEY>_PASSWORD": "",
    "TD_<KEY>_STORE_CODE": "",
    "TD_<KEY>_STORAGE_STATE_FILENAME": "",
    "TD_STORAGE_STATE_FILENAME": "storage_state.json",
    "TD_BASE_URL": "https://simplifytumbledry.in",
    "TD_LOGIN_URL": "",
    "TD_HOME_URL": "",
    "TMS_BASE": "https://tms.simplifytumbledry.in",
    "TD_STORE_DASHBOARD_PATH": "/mis/partner_dashboard?store_code={store_code}",
    "PORTAL_CONCURRENCY": "4",
    "PORTAL_TIMEOUT_SECONDS": "60",
    "PORTAL_BUDGET_SECONDS": "7200",
    "PORTAL_NETWORK_WAIT_SECONDS": "180",
    "BROWSER_EXECUTABLE": "",
    "DATA_DIR": "var/data",
    "REPORTS_ROOT": "var/reports",
    "PROFILES_DIR": "var/profiles",
    "LOGS_DIR": "var/logs",
    "INGEST_BATCH_SIZE": "3000",
    "JSON_LOG_FILE": "",
    "LOG_RETENTION_DAYS": "30",
    "REPORT_RETENTION_DAYS": "730",
    "DATA_RETENTION_DAYS": "35",
    "REJECT_RETENTION_DAYS": "90",
    "MAIL_RETENTION_DAYS": "365",
    "ARTEFACT_RETENTION_DAYS": "14",
    "STORAGE_STATE_RETENTION_DAYS": "30",
    "CATCH_UP_MAX_PERIODS": "26",
    "CATCH_UP_MAX_AGE_DAYS": "400",
    "CATCH_UP_MAILS": "digest",
    "PDF_RENDER_BACKEND": "weasyprint",
    "PDF_RENDER_CHROME_EXECUTABLE": "",
    "PDF_TEMPLATES_DIR": "",
    "PDF_LOGO": "",
    "REPORT_EMAIL_SMTP_HOST": "",
    "REPORT_EMAIL_SMTP_PORT": "587",
    "REPORT_EMAIL_SMTP_USERNAME": "",
    "REPORT_EMAIL_SMTP_PASSWORD": "",
    "REPORT_EMAIL_FROM": "",
    "REPORT_EMAIL_USE_TLS": "true",
    "ALERT_URLS": "",
    "HEALTHCHECK_URL_<JOB>": "",
}

#: Those that may also come from `NAME_FILE`. The last two are addresses with a token: who knows
#: them can use them.
SECRETS = frozenset(
    {
        "DATABASE_URL",
        "TD_<KEY>_PASSWORD",
        "REPORT_EMAIL_SMTP_PASSWORD",
        "ALERT_URLS",
        "HEALTHCHECK_URL_<JOB>",
    }
)

#: Permissions that no file of secrets may have. Its group may read: systemd hands credentials to a
#: service so.
OPEN_TO_OTHERS = 0o037

#: Direct mail went with them: recipients and templates live in the database.
RETIRED = frozenset({"REPORT_EMAIL_TO", "REPORT_EMAIL_CC", "REPORT_EMAIL_SUBJECT_TEMPLATE"})

_ACCOUNT = re.compile(
    r"TD_(?P<key>[A-Z0-9]+)_(?P<what>USERNAME|PASSWORD|STORE_CODE|STORAGE_STATE_FILENAME)"
)
_HEALTH_CHECK = re.compile(r"HEALTHCHECK_URL_(?P<job>[A-Z_]+)")


def general(name: str) -> str:
    """Return the name under which `SETTINGS` lists a setting: `TD_UN3668_PASSWORD` is `TD_<KEY>_PASSWORD`."""
    if match := _ACCOUNT.fullmatch(name):
        return f"TD_<KEY>_{match['what']}"

    return "HEALTHCHECK_URL_<JOB>" if _HEALTH_CHECK.fullmatch(name) else name


def health_checks(names: Iterable[str]) -> dict[str, str]:
    """Return the jobs that have a `HEALTHCHECK_URL_<JOB>`, lower-case, with the name of that setting."""
    matches = (_HEALTH_CHECK.fullmatch(_without_file(name)) for name in sorted(names))
    return {match["job"].lower(): match[0] for match in matches if match}


def is_secret(name: str) -> bool:
    """Tell whether the setting's value must not be shown and may come from a file."""
    return general(name) in SECRETS


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a program that opens pages of others: it needs none of our secrets."""
    return {name: value for name, value in environ.items() if not is_secret(name)}


def account_keys(names: Iterable[str]) -> list[str]:
    """Return the KEYs that have any `TD_<KEY>_…` setting, sorted."""
    matches = (_ACCOUNT.fullmatch(_without_file(name)) for name in names)
    return sorted({match["key"] for match in matches if match})


def warnings(names: Iterable[str]) -> list[str]:
    """Say in words which `TD_*` and `REPORT_*` names are set but never used, sorted by name."""
    return [text for name in sorted(names) if (text := _warning(name))]


def _warning(name: str) -> str | None:
    if name in RETIRED:
        return f"{name} is retired and not used: recipients and templates live in the database"

    if name.startswith(("TD_", "REPORT_")) and general(_without_file(name)) not in SETTINGS:
        return f"{name} is not a setting and is not used; docs/reference/settings.md lists them all"

    return None


def _without_file(name: str) -> str:
    secret = name.removesuffix("_FILE")
    return secret if is_secret(secret) else name
