"""Every setting in one table: its name, default, kind, bounds and text.

Reading (`lib.config.source`), `.env.example` and docs/reference/settings.md come from it:
`python -m lib.config.reference` writes both documents anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from lib import commands
from lib.config.settings import CatchUpMails, PdfBackend

#: A hundred years: more days than anything is kept.
MOST_DAYS = 36_500
#: A file that was read today cannot be of a month that is still open after so many days.
MONTH_DAYS = 31
#: A month's reports and mails are there until the next month is reported, too.
TWO_MONTHS_DAYS = 62


class Kind(Enum):
    """How the text of a setting is read."""

    TEXT = auto()
    #: Several values, separated by commas or white space.
    LIST = auto()
    #: One of `options`.
    CHOICE = auto()
    #: A whole number from `least` to `most`.
    COUNT = auto()
    #: `true` or `false`.
    FLAG = auto()
    #: A time of day on the clock of PIPELINE_TIMEZONE: `09:00`.
    TIME = auto()
    #: An http or https address without credentials.
    ADDRESS = auto()
    DIRECTORY = auto()
    FILE = auto()
    PROGRAM = auto()


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    #: `<KEY>` stands for the cost-centre key of a store, as in `TD_UN3668_USERNAME`, `<JOB>` for a
    #: job, as in `HEALTHCHECK_URL_DAILY`.
    name: str
    #: For people, in Markdown: what it decides.
    text: str
    #: Empty for none.
    default: str = ""
    kind: Kind = Kind.TEXT
    #: What a COUNT counts.
    unit: str = ""
    least: int = 1
    most: int = 1_000_000
    options: tuple[str, ...] = ()
    #: Never shown in a log, text or repr; may also come from the file that `NAME_FILE` names.
    is_secret: bool = False


_EVERY_JOB = (
    Setting(
        "DATABASE_URL",
        is_secret=True,
        text=(
            "required; `postgresql://…` or `postgresql+psycopg2://…`; "
            "`postgresql+asyncpg://…` is mapped. Special characters of user and password are "
            "percent-encoded where they are not yet"
        ),
    ),
    Setting(
        "RUN_ENV",
        default="dev",
        kind=Kind.CHOICE,
        options=("dev", "local", "prod"),
        text="`dev`, `local` or `prod`: which notification rows apply",
    ),
    Setting(
        "ENVIRONMENT",
        text="read when `RUN_ENV` is unset",
    ),
    Setting(
        "PIPELINE_TIMEZONE",
        default="Asia/Kolkata",
        text="the one time zone of all dates, by its IANA name",
    ),
    Setting(
        "JOB_COMMAND",
        default=commands.DEFAULT,
        text=(
            "how people start a job here, with `{job}` for its name: commands in messages and "
            "in `jobs.status` are written so. `deploy/host/simplify` sets `simplify {job}`"
        ),
    ),
)

_STORES = (
    Setting(
        "STORES_LIST",
        kind=Kind.LIST,
        text="required for daily; stores to scrape: keys or codes, comma-separated",
    ),
    Setting(
        "stores_list",
        kind=Kind.LIST,
        text="the same under its older name; a contradiction between the two is refused",
    ),
    Setting(
        "REPORT_STORES_LIST",
        kind=Kind.LIST,
        text=(
            "required for reports; stores that get reports; for daily a subset of the scraped ones"
        ),
    ),
)

_PORTAL = (
    Setting(
        "TD_<KEY>_USERNAME",
        text=(
            "portal account of the store with this key (`TD_UN3668_USERNAME`); one login "
            "serves all stores: the first listed key with user name and password is used, "
            "then any other"
        ),
    ),
    Setting(
        "TD_<KEY>_PASSWORD",
        is_secret=True,
        text="its password",
    ),
    Setting(
        "TD_<KEY>_STORE_CODE",
        text="the portal's code of that store, as in `A668`",
    ),
    Setting(
        "TD_<KEY>_STORAGE_STATE_FILENAME",
        text="a cookie file of its own for this account",
    ),
    Setting(
        "TD_STORAGE_STATE_FILENAME",
        default="storage_state.json",
        text="cookie file inside `PROFILES_DIR`",
    ),
    Setting(
        "TD_BASE_URL",
        default="https://simplifytumbledry.in",
        kind=Kind.ADDRESS,
        text="the site that logs in",
    ),
    Setting(
        "TD_LOGIN_URL",
        kind=Kind.ADDRESS,
        text="the login page; empty: `/home/login` of `TD_BASE_URL`",
    ),
    Setting(
        "TD_HOME_URL",
        kind=Kind.ADDRESS,
        text="the page with the cards; empty: `/home` of `TD_BASE_URL`",
    ),
    Setting(
        "TMS_BASE",
        default="https://tms.simplifytumbledry.in",
        kind=Kind.ADDRESS,
        text="the site with dashboards and CSV exports",
    ),
    Setting(
        "TD_STORE_DASHBOARD_PATH",
        default="/mis/partner_dashboard?store_code={store_code}",
        text="a store's dashboard on that site",
    ),
    Setting(
        "PORTAL_CONCURRENCY",
        default="4",
        kind=Kind.COUNT,
        unit="requests",
        text="requests in flight at the portal at most",
    ),
    Setting(
        "PORTAL_SESSIONS",
        default="1",
        kind=Kind.COUNT,
        unit="sessions",
        text=(
            "TMS sessions of one login at most, where the portal serves one request of a "
            "session at a time; never a login more"
        ),
    ),
    Setting(
        "PORTAL_TIMEOUT_SECONDS",
        default="60",
        kind=Kind.COUNT,
        unit="seconds",
        text="time-out of one request, from when the portal can serve it",
    ),
    Setting(
        "PORTAL_BUDGET_SECONDS",
        default="7200",
        kind=Kind.COUNT,
        unit="seconds",
        text="the portal's time for one run in all; the rest is owed to the next run",
    ),
    Setting(
        "PORTAL_NETWORK_WAIT_SECONDS",
        default="180",
        kind=Kind.COUNT,
        unit="seconds",
        text="how long a run waits at its start for the network",
    ),
    Setting(
        "BROWSER_EXECUTABLE",
        kind=Kind.PROGRAM,
        text="the Chromium to drive; empty: found on the machine",
    ),
)

_FILES = (
    Setting(
        "DATA_DIR",
        default="var/data",
        kind=Kind.DIRECTORY,
        text="downloaded and merged CSV files",
    ),
    Setting(
        "REPORTS_ROOT",
        default="var/reports",
        kind=Kind.DIRECTORY,
        text="the PDFs",
    ),
    Setting(
        "PROFILES_DIR",
        default="var/profiles",
        kind=Kind.DIRECTORY,
        text="cookie files",
    ),
    Setting(
        "LOGS_DIR",
        default="var/logs",
        kind=Kind.DIRECTORY,
        text="logs and what a failure left behind",
    ),
    Setting(
        "INGEST_BATCH_SIZE",
        default="3000",
        kind=Kind.COUNT,
        unit="rows",
        text="rows of an export a batch at most, where they are read one by one; 500 at most",
    ),
    Setting(
        "JSON_LOG_FILE",
        kind=Kind.FILE,
        text="a copy of the log, rotated daily, mode 0600; empty: none",
    ),
    Setting(
        "LOG_RETENTION_DAYS",
        default="30",
        kind=Kind.COUNT,
        unit="days",
        text="days of that copy that are kept",
    ),
)

_RETENTION = (
    Setting(
        "REPORT_RETENTION_DAYS",
        default="730",
        kind=Kind.COUNT,
        unit="days",
        least=TWO_MONTHS_DAYS,
        most=MOST_DAYS,
        text=(
            "when `jobs.prune` removes a PDF; from 62: a month's reports are there until the "
            "next month is reported. It can be made again from the database"
        ),
    ),
    Setting(
        "DATA_RETENTION_DAYS",
        default="35",
        kind=Kind.COUNT,
        unit="days",
        least=MONTH_DAYS,
        most=MOST_DAYS,
        text=(
            "when it removes CSV files that an audit did not release (customer data); from "
            "31, so that those of the open month are there, and not longer than the reports"
        ),
    ),
    Setting(
        "REJECT_RETENTION_DAYS",
        default="90",
        kind=Kind.COUNT,
        unit="days",
        least=MONTH_DAYS,
        most=MOST_DAYS,
        text=(
            "when it empties rejected rows (customer data), which `jobs.replay` can try until"
            " then; from 31, and not longer than the reports"
        ),
    ),
    Setting(
        "MAIL_RETENTION_DAYS",
        default="365",
        kind=Kind.COUNT,
        unit="days",
        least=TWO_MONTHS_DAYS,
        most=MOST_DAYS,
        text=(
            "when it empties the text of mails of which nothing is owed or uncertain; from "
            "62. Who got which report is kept for good"
        ),
    ),
    Setting(
        "ARTEFACT_RETENTION_DAYS",
        default="14",
        kind=Kind.COUNT,
        unit="days",
        most=MOST_DAYS,
        text="when it removes what was kept of portal pages that nobody knew",
    ),
    Setting(
        "STORAGE_STATE_RETENTION_DAYS",
        default="30",
        kind=Kind.COUNT,
        unit="days",
        most=MOST_DAYS,
        text="when it removes a cookie file that no run has renewed",
    ),
    Setting(
        "RETURN_RETENTION_DAYS",
        default="90",
        kind=Kind.COUNT,
        unit="days",
        least=MONTH_DAYS,
        most=MOST_DAYS,
        text=(
            "when it empties comments and phones of forms that came back (customer data), and "
            "removes refused files below `RETURNS_DIR`; from 31, and not longer than the reports"
        ),
    ),
)

_CATCH_UP = (
    Setting(
        "CATCH_UP_MAX_PERIODS",
        default="26",
        kind=Kind.COUNT,
        unit="periods",
        text=(
            "how many missed weeks or months one run makes, oldest first; the rest is left to"
            " the next run and exit 75 says so"
        ),
    ),
    Setting(
        "CATCH_UP_MAX_AGE_DAYS",
        default="400",
        kind=Kind.COUNT,
        unit="days",
        text=(
            "weeks and months that ended longer ago are left out, and said to be; `--since` "
            "makes them all the same"
        ),
    ),
    Setting(
        "CATCH_UP_MAILS",
        default="digest",
        kind=Kind.CHOICE,
        options=tuple(CatchUpMails),
        text=(
            "`digest`: one mail for each profile and store covers all that one run caught up;"
            " `each`: the mails of every period"
        ),
    ),
)

_REPORTS = (
    Setting(
        "PDF_RENDER_BACKEND",
        default="weasyprint",
        kind=Kind.CHOICE,
        options=tuple(PdfBackend),
        text="`weasyprint` or `chromium`",
    ),
    Setting(
        "PDF_RENDER_CHROME_EXECUTABLE",
        kind=Kind.PROGRAM,
        text="the Chromium of the `chromium` backend; empty: found on the machine",
    ),
    Setting(
        "PDF_TEMPLATES_DIR",
        kind=Kind.DIRECTORY,
        text=(
            "a directory: templates in it take the place of ours of the same names, and its "
            "`report.css` is added to ours; empty: ours"
        ),
    ),
    Setting(
        "PDF_LOGO",
        kind=Kind.FILE,
        text="an SVG, PNG or JPEG for the head of each report; empty: none",
    ),
    Setting(
        "DRAW_PROCESSES",
        default="0",
        kind=Kind.COUNT,
        least=0,
        most=512,
        unit="processes",
        text="processes that draw reports on this host; 0: as many as it has processors",
    ),
    Setting(
        "DRAW_SCHEDULER",
        text=(
            "the scheduler of worker hosts that draw, like `tls://10.0.0.1:8786`; empty: this "
            "host draws alone"
        ),
    ),
    Setting(
        "DRAW_TLS_CA",
        kind=Kind.FILE,
        text="required with `DRAW_SCHEDULER`; the CA of the hosts that draw, and of nothing else",
    ),
    Setting(
        "DRAW_TLS_CERT",
        kind=Kind.FILE,
        text=(
            "required with `DRAW_SCHEDULER`; the certificate of this host with its private key, "
            "in one file that is not open to others"
        ),
    ),
)

_MAIL = (
    Setting(
        "REPORT_EMAIL_SMTP_HOST",
        text="required where mail is sent; the SMTP server",
    ),
    Setting(
        "REPORT_EMAIL_SMTP_PORT",
        default="587",
        kind=Kind.COUNT,
        most=65_535,
        text="465 speaks TLS from the start",
    ),
    Setting(
        "REPORT_EMAIL_SMTP_USERNAME",
        text="set with the password, or neither",
    ),
    Setting(
        "REPORT_EMAIL_SMTP_PASSWORD",
        is_secret=True,
        text="its password",
    ),
    Setting(
        "REPORT_EMAIL_FROM",
        text="required where mail is sent; the address that our mail comes from",
    ),
    Setting(
        "REPORT_EMAIL_USE_TLS",
        default="true",
        kind=Kind.FLAG,
        text="`false` sends in clear; only for a server on the same machine",
    ),
    Setting(
        "REPORT_EMAIL_EHLO_NAME",
        text="our name in EHLO, for a server that wants another one than the domain of "
        "REPORT_EMAIL_FROM",
    ),
    Setting(
        "REPORT_EMAIL_REPLY_TO",
        text="where answers to our mail go; to REPORT_EMAIL_FROM without it",
    ),
    Setting(
        "REPORT_EMAIL_PER_MINUTE",
        default="0",
        kind=Kind.COUNT,
        least=0,
        unit="mails",
        text="how many mails go out in a minute at most, of all pipelines together; 0: no limit. "
        "Exchange Online takes 30",
    ),
)

_RETURNS = (
    Setting(
        "RETURNS_DIR",
        kind=Kind.DIRECTORY,
        text=(
            "a directory: PDFs that somebody puts there are read as filled-in forms, and are gone "
            "then; empty: none"
        ),
    ),
    Setting(
        "RETURNS_IMAP_URL",
        is_secret=True,
        text=(
            "`imaps://user:password@host/folder`: the mailbox that owners reply to, of which "
            "nothing is changed; user and password percent-encoded, the folder `INBOX` if left "
            "out; empty: none"
        ),
    ),
)

_WATCHING = (
    Setting(
        "ALERT_URLS",
        kind=Kind.LIST,
        is_secret=True,
        text=(
            "where `jobs.alert` tells people: Apprise URLs, separated by spaces; empty: the "
            "run-summary readers, by mail"
        ),
    ),
    Setting(
        "HEALTHCHECK_URL_<JOB>",
        kind=Kind.ADDRESS,
        is_secret=True,
        text=(
            "pinged when the job starts (`…/start`), succeeds (the address itself) and fails "
            "(`…/fail`); never changes the job's result"
        ),
    ),
    Setting(
        "DEADLINE_DAILY",
        kind=Kind.TIME,
        text=(
            "when the daily mails must be out on the run day, as `09:00` of `PIPELINE_TIMEZONE`: "
            "a run that will be later warns while there is time; empty: no deadline"
        ),
    ),
    Setting(
        "DEADLINE_WEEKLY",
        kind=Kind.TIME,
        text="the same for the weekly mails, on the Monday after the week",
    ),
    Setting(
        "DEADLINE_MONTHLY",
        kind=Kind.TIME,
        text="the same for the monthly mails, on the first day after the month",
    ),
)

_DRILL = (
    Setting(
        "DRILL_ALLOWED",
        default="false",
        kind=Kind.FLAG,
        text=(
            "`true` on a staging host alone: `jobs.drill` may break runs on purpose there; never "
            "with `RUN_ENV=prod`"
        ),
    ),
    Setting(
        "DRILL_BACKUPS",
        kind=Kind.DIRECTORY,
        text=(
            "required for a drill; the directory of the backups (`*.dump`), of which the youngest "
            "is restored into a scratch database"
        ),
    ),
    Setting(
        "DRILL_DISK",
        kind=Kind.DIRECTORY,
        text=(
            "an empty file system of its own, of 1 GiB at most, that a drill may fill to the last "
            "byte. `deploy/host/simplify` gives one; empty: root mounts one, others fill none"
        ),
    ),
)

#: The sections of `.env.example`, in its order.
SECTIONS: Mapping[str, tuple[Setting, ...]] = {
    "What every job needs": _EVERY_JOB,
    "Stores": _STORES,
    "The portal": _PORTAL,
    "Files": _FILES,
    "How long things are kept (jobs.prune)": _RETENTION,
    "Catching up weeks and months": _CATCH_UP,
    "Reports": _REPORTS,
    "Mail": _MAIL,
    "Forms that come back (jobs.returns)": _RETURNS,
    "Watching": _WATCHING,
    "Fault drills (jobs.drill)": _DRILL,
}


def _by_name() -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for settings in SECTIONS.values():
        found |= {setting.name: setting for setting in settings}

    return found


#: Each setting by its name.
SETTINGS: Mapping[str, Setting] = _by_name()

#: Names of settings that may also come from `NAME_FILE`.
SECRETS = frozenset(name for name, setting in SETTINGS.items() if setting.is_secret)
