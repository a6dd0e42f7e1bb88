"""The shape of the settings. Built once by `lib.config.load`; secrets do not show in a repr."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import Enum, StrEnum, auto
from pathlib import Path
from zoneinfo import ZoneInfo

from lib import commands


class Use(Enum):
    """Settings that a job reads: a wrong value among them refuses the job, a missing one does not.

    RUN_ENV, the time zone, the log and health checks are read by every job.
    """

    DATABASE = auto()
    #: STORES_LIST and the codes of keys.
    STORES = auto()
    #: REPORT_STORES_LIST.
    REPORT_STORES = auto()
    PORTAL = auto()
    MAIL = auto()
    #: PDF_…
    PDF = auto()
    #: DRAW_…
    DRAW = auto()
    #: CATCH_UP_…
    CATCH_UP = auto()
    #: The directories and INGEST_BATCH_SIZE.
    FILES = auto()
    #: …_RETENTION_DAYS.
    RETENTION = auto()
    ALERTS = auto()
    #: DEADLINE_…: the runs that watch them go on without one that is wrong.
    DEADLINES = auto()
    #: RETURNS_…
    RETURNS = auto()
    #: DRILL_…
    DRILL = auto()


class Need(Enum):
    """Settings that a job cannot start without: they must be there, and right."""

    DATABASE = auto()
    #: STORES_LIST: what to scrape.
    STORES = auto()
    #: REPORT_STORES_LIST: who gets reports; with STORES also that it is a subset of it.
    REPORT_STORES = auto()
    #: Complete credentials of one account.
    PORTAL = auto()
    #: SMTP host and sender.
    MAIL = auto()
    #: DRAW_SCHEDULER: the scheduler of the hosts that draw.
    DRAW_SCHEDULER = auto()
    #: DRAW_TLS_CA and DRAW_TLS_CERT: how such hosts know each other.
    DRAW_TLS = auto()

    @property
    def uses(self) -> frozenset[Use]:
        """Return what a job with this need reads."""
        return _USES[self]


_USES = {
    Need.DATABASE: frozenset({Use.DATABASE}),
    Need.STORES: frozenset({Use.STORES}),
    Need.REPORT_STORES: frozenset({Use.REPORT_STORES, Use.PDF, Use.DRAW, Use.CATCH_UP, Use.FILES}),
    Need.PORTAL: frozenset({Use.STORES, Use.PORTAL, Use.FILES}),
    Need.MAIL: frozenset({Use.MAIL}),
    Need.DRAW_SCHEDULER: frozenset({Use.DRAW}),
    Need.DRAW_TLS: frozenset({Use.DRAW}),
}

#: What a job says about the settings that it reads.
Needs = Collection[Need | Use]


class PdfBackend(StrEnum):
    """Who draws the PDFs."""

    WEASYPRINT = "weasyprint"
    CHROMIUM = "chromium"


@dataclass(frozen=True)
class Account:
    """The one portal login that serves every store."""

    #: Cost-centre key KEY of `TD_<KEY>_…`.
    key: str
    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True)
class PortalSettings:
    """Where the two hosts are and how politely they are asked.

    Source: docs/reference/domain.md#sites-and-sessions.
    """

    login_url: str
    home_url: str
    #: Without a trailing slash.
    tms_base: str
    #: Has `{store_code}`; begins with a slash.
    dashboard_path: str
    #: Requests in flight at most.
    concurrency: int
    #: For one request, from when the portal can serve it.
    timeout_s: float
    #: The cookie file of the account: a secret.
    storage_state: Path
    #: Never None where the job needs the portal.
    account: Account | None
    #: None: found on this machine.
    browser_executable: Path | None
    #: For everything that one run asks for.
    budget_s: float = 7200.0
    #: TMS sessions of one login at most, where the portal serves one request of each at a time.
    sessions: int = 1
    #: At the start of a run.
    network_wait_s: float = 180.0
    #: Where unknown pages are kept, without their data; None: nowhere.
    artefacts_dir: Path | None = None


@dataclass(frozen=True)
class MailSettings:
    """The SMTP server that takes our mail."""

    host: str
    #: 465 speaks TLS from the start.
    port: int
    sender: str
    use_tls: bool
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    #: Our name in EHLO; None: the domain of `sender`.
    ehlo_name: str | None = None
    #: Where answers go; None: to `sender`.
    reply_to: str | None = None
    #: How many mails are sent in a minute at most, by all processes together; None: no limit.
    per_minute: int | None = None


@dataclass(frozen=True)
class MailboxSettings:
    """A folder of an IMAP server that speaks TLS from the start."""

    host: str
    port: int
    folder: str
    username: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """What the mailbox is known by, in a table and never in a log: it has an address."""
        return f"{self.username}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True)
class ReturnSettings:
    """Where forms come back to; both None: nowhere, jobs.returns has nothing to do."""

    directory: Path | None = None
    mailbox: MailboxSettings | None = None

    @property
    def is_on(self) -> bool:
        """True if forms come back to anywhere."""
        return self.directory is not None or self.mailbox is not None


@dataclass(frozen=True)
class PdfSettings:
    """How reports become PDFs."""

    backend: PdfBackend
    chrome_executable: Path | None
    #: Templates in it take the place of ours of the same names; its `report.css` is added to ours.
    templates_dir: Path | None = None
    #: An SVG, PNG or JPEG for the head of each report.
    logo: Path | None = None


@dataclass(frozen=True)
class DrawSettings:
    """Where pages are drawn."""

    #: `tls://HOST:PORT` of what gives pages to worker hosts; empty: this host draws alone.
    scheduler: str = ""
    #: The CA of the hosts that draw, and of nothing else.
    tls_ca: Path | None = None
    #: Certificate and private key of this host in one file.
    tls_cert: Path | None = None
    #: Drawing processes of this host; None: as many as it has processors.
    processes: int | None = None


class CatchUpMails(StrEnum):
    """How people hear of several periods that one run caught up."""

    #: One mail for each profile and store, with every report.
    DIGEST = "digest"
    #: The mails of each period by themselves.
    EACH = "each"


@dataclass(frozen=True)
class CatchUpSettings:
    """How much of the past the weekly and the monthly job make up for in one run."""

    max_periods: int
    #: Counted from a period's last day.
    max_age_days: int
    mails: CatchUpMails


@dataclass(frozen=True)
class Volumes:
    """The four directories that outlive a container."""

    data_dir: Path
    reports_root: Path
    profiles_dir: Path
    logs_dir: Path


@dataclass(frozen=True)
class RetentionSettings:
    """After how many days `jobs.prune` removes things."""

    report_days: int = 730
    #: Exports and merged files that an audit did not release: as long as the month that they are
    #: about is open.
    data_days: int = 35
    #: The content of rejected rows; never longer than the reports.
    reject_days: int = 90
    #: The text of mails; who got which report is kept for good, or an old period would be mailed
    #: again.
    mail_days: int = 365
    artefact_days: int = 14
    storage_state_days: int = 30
    #: Comments and phones of forms that came back; never longer than the reports.
    return_days: int = 90


@dataclass(frozen=True)
class DrillSettings:
    """Where faults may be put into runs on purpose, and with what."""

    is_allowed: bool = False
    #: A directory of backups; None: none is set.
    backups: Path | None = None
    #: A small file system of its own that may be filled; None: as root one is made.
    disk: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides, valid as a whole."""

    run_env: str
    zone: ZoneInfo
    #: In SQLAlchemy's form for psycopg2; empty only where the job needs no database.
    database_url: str = field(repr=False)
    #: Codes of the stores to scrape, upper-case, in the order given, each once.
    stores: tuple[str, ...]
    report_stores: tuple[str, ...]
    portal: PortalSettings
    #: Never None where the job needs mail.
    mail: MailSettings | None
    pdf: PdfSettings
    catch_up: CatchUpSettings
    volumes: Volumes
    ingest_batch_size: int
    json_log_file: Path | None
    log_retention_days: int
    #: Names that were set and are not used, in words.
    warnings: tuple[str, ...] = ()
    #: Where jobs.alert tells people, as Apprise URLs: they hold tokens.
    alert_urls: tuple[str, ...] = field(default=(), repr=False)
    #: Job to the address that is pinged at its start and end.
    health_checks: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Job to the time of day, in `zone`, at which its mails must be out.
    deadlines: Mapping[str, time] = field(default_factory=dict)
    retention: RetentionSettings = RetentionSettings()
    returns: ReturnSettings = ReturnSettings()
    draw: DrawSettings = DrawSettings()
    drill: DrillSettings = DrillSettings()
    #: How people start a job here; `{job}` stands for its name.
    job_command: str = commands.DEFAULT

    def command(self, job: str) -> str:
        """Return what a person types to start the job, without flags."""
        return commands.of_job(self.job_command, job)
