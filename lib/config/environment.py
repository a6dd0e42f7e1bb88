"""Read environment variables, then `.env`, into one frozen `Settings` or a list of problems."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from lib.config import (
    database_url,
    env_file,
    names,
    portal,
    retention,
    returns,
    stores,
    worker_hosts,
    zones,
)
from lib.config.settings import (
    CatchUpMails,
    CatchUpSettings,
    DrillSettings,
    MailSettings,
    Need,
    Needs,
    PdfBackend,
    PdfSettings,
    Settings,
    Use,
    Volumes,
)
from lib.config.settings_table import SETTINGS
from lib.config.source import Source
from lib.errors import InvalidSettings

Value = TypeVar("Value")

#: A name that a server may look up: labels of letters, digits and hyphens.
_HOST_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")

#: What a need requires: the setting, and what to set it to.
_REQUIRED = (
    (Need.DATABASE, "DATABASE_URL", "postgresql://user:password@host/database"),
    (Need.STORES, "STORES_LIST", "list the stores to scrape, for example A668,A817"),
    (Need.REPORT_STORES, "REPORT_STORES_LIST", "list the stores that get reports"),
    (Need.MAIL, "REPORT_EMAIL_SMTP_HOST", "the server that takes our mail"),
    (Need.MAIL, "REPORT_EMAIL_FROM", "the address that our mail comes from"),
    (Need.DRAW_SCHEDULER, "DRAW_SCHEDULER", "tls://10.0.0.1:8786, with the main host's address"),
    (Need.DRAW_TLS, "DRAW_TLS_CA", worker_hosts.CA),
    (Need.DRAW_TLS, "DRAW_TLS_CERT", worker_hosts.CERTIFICATE),
)


def load(needs: Needs) -> Settings:
    """Return the settings of the environment and of `.env` in the working directory.

    A job is refused only for settings that its `needs` name.

    Nothing is connected to, created or kept open. Raise InvalidSettings with all problems at once.
    """
    return from_variables(os.environ, env_file.read(Path(".env")), needs)


def load_what_is_right() -> Settings:
    """Return the settings for a job that must go on although some are wrong.

    What is wrong is among the `warnings`.
    """
    file = env_file.read(Path(".env"))
    source = Source(file.values | dict(os.environ))
    settings = _settings(source, frozenset(Use))

    problems = dict.fromkeys([*file.problems, *source.problems])
    return replace(settings, warnings=(*settings.warnings, *problems))


def from_variables(
    environ: Mapping[str, str],
    file: env_file.EnvFile,
    needs: Needs,
) -> Settings:
    """Return the settings of given variables: `environ` wins over `file`, also with an empty value.

    Raise InvalidSettings with all problems at once.
    """
    source = Source(file.values | dict(environ))
    settings = _settings(source, _uses(needs))
    source.problems += _missing(source, settings, needs)
    source.problems += _not_scraped(settings, needs)

    problems = list(dict.fromkeys([*file.problems, *source.problems]))
    if problems:
        raise InvalidSettings(problems)

    return settings


def _uses(needs: Needs) -> frozenset[Use]:
    uses: set[Use] = set()
    for need in needs:
        uses |= need.uses if isinstance(need, Need) else {need}

    return frozenset(uses)


def _settings(source: Source, uses: frozenset[Use]) -> Settings:
    """Return the settings; what is wrong with one that the job does not use is only a warning."""
    part = _Part(source, uses)
    read = part.read

    keys = read(Use.STORES, stores.read_keys, source)
    volumes = read(Use.FILES, _volumes, source)

    settings = Settings(
        run_env=source.choice("RUN_ENV", older="ENVIRONMENT"),
        zone=_zone(source),
        database_url=read(Use.DATABASE, _database_url, source),
        stores=read(Use.STORES, stores.scraped, source, keys),
        report_stores=read(Use.REPORT_STORES, stores.reported, source, keys),
        portal=read(Use.PORTAL, portal.read, source, keys, volumes),
        mail=read(Use.MAIL, _mail, source),
        pdf=read(Use.PDF, _pdf, source),
        catch_up=read(Use.CATCH_UP, _catch_up, source),
        volumes=volumes,
        ingest_batch_size=read(Use.FILES, source.positive, "INGEST_BATCH_SIZE"),
        json_log_file=source.file("JSON_LOG_FILE"),
        log_retention_days=source.positive("LOG_RETENTION_DAYS"),
        alert_urls=read(Use.ALERTS, _alert_urls, source),
        health_checks=_health_checks(source),
        deadlines=read(Use.DEADLINES, _deadlines, source),
        retention=read(Use.RETENTION, retention.read, source),
        returns=read(Use.RETURNS, returns.read, source),
        draw=read(Use.DRAW, worker_hosts.read, source),
        drill=read(Use.DRILL, _drill, source),
        job_command=source.text("JOB_COMMAND"),
    )

    unused = []

    for problem in dict.fromkeys(part.unused_problems):
        unused.append(f"not used here: {problem}")

    return replace(settings, warnings=(*names.warnings(source.given), *unused))


@dataclass
class _Part:
    """Reads the settings in parts, of which a job may use some only."""

    source: Source
    uses: frozenset[Use]
    #: What is wrong in the parts that the job does not use.
    unused_problems: list[str] = field(default_factory=list)

    def read(self, use: Use, reader: Callable[..., Value], *args: Any) -> Value:
        """Return what the reader returns; keep its problems apart if the job does not `use` it."""
        before = len(self.source.problems)
        value = reader(*args)

        if use not in self.uses:
            self.unused_problems += self.source.problems[before:]
            del self.source.problems[before:]

        return value


def _missing(source: Source, settings: Settings, needs: Needs) -> list[str]:
    """Return a problem for each setting that the job needs and that is not set.

    A value that is there but wrong has a problem of its own already.
    """
    values = {
        "DATABASE_URL": settings.database_url,
        "STORES_LIST": settings.stores,
        "REPORT_STORES_LIST": settings.report_stores,
        "REPORT_EMAIL_SMTP_HOST": source.text("REPORT_EMAIL_SMTP_HOST"),
        "REPORT_EMAIL_FROM": source.text("REPORT_EMAIL_FROM"),
        "DRAW_SCHEDULER": settings.draw.scheduler,
        "DRAW_TLS_CA": settings.draw.tls_ca,
        "DRAW_TLS_CERT": settings.draw.tls_cert,
    }
    problems = []

    for need, name, advice in _REQUIRED:
        is_wrong = any(problem.startswith(name) for problem in source.problems)
        if need in needs and not values[name] and not is_wrong:
            problems.append(f"{name} is missing: {advice}")

    if Need.PORTAL in needs and not settings.portal.account:
        problems.append(
            "no complete portal credentials: "
            "set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store",
        )

    return problems


def _not_scraped(settings: Settings, needs: Needs) -> list[str]:
    """Return a problem for report stores that a job which scrapes and reports would never scrape.

    Source: lesson 78.
    """
    does_both = {Need.STORES, Need.REPORT_STORES} <= set(needs)
    if not does_both or not settings.stores:
        return []

    strangers = []

    for code in settings.report_stores:
        if code not in settings.stores:
            strangers.append(code)

    if not strangers:
        return []

    return [f"REPORT_STORES_LIST has stores that STORES_LIST does not: {', '.join(strangers)}"]


def _pdf(source: Source) -> PdfSettings:
    return PdfSettings(
        backend=PdfBackend(source.choice("PDF_RENDER_BACKEND")),
        chrome_executable=source.executable("PDF_RENDER_CHROME_EXECUTABLE"),
        templates_dir=source.existing("PDF_TEMPLATES_DIR", Path.is_dir, "directory"),
        logo=source.existing("PDF_LOGO", Path.is_file, "file"),
    )


def _catch_up(source: Source) -> CatchUpSettings:
    return CatchUpSettings(
        max_periods=source.positive("CATCH_UP_MAX_PERIODS"),
        max_age_days=source.positive("CATCH_UP_MAX_AGE_DAYS"),
        mails=CatchUpMails(source.choice("CATCH_UP_MAILS")),
    )


def _health_checks(source: Source) -> dict[str, str]:
    by_job = names.health_checks(source.given)
    found = {}

    for job, name in by_job.items():
        found[job] = source.secret_url(name)

    return found


def _drill(source: Source) -> DrillSettings:
    return DrillSettings(
        is_allowed=source.flag("DRILL_ALLOWED"),
        backups=source.existing("DRILL_BACKUPS", Path.is_dir, "directory"),
        disk=source.existing("DRILL_DISK", Path.is_dir, "directory"),
    )


def _deadlines(source: Source) -> dict[str, time]:
    found = {}

    for job in ("daily", "weekly", "monthly"):
        at = source.time_of_day(f"DEADLINE_{job.upper()}")
        if at is not None:
            found[job] = at

    return found


def _volumes(source: Source) -> Volumes:
    return Volumes(
        data_dir=source.directory("DATA_DIR"),
        reports_root=source.directory("REPORTS_ROOT"),
        profiles_dir=source.directory("PROFILES_DIR"),
        logs_dir=source.directory("LOGS_DIR"),
    )


def _zone(source: Source) -> ZoneInfo:
    name = source.text("PIPELINE_TIMEZONE")

    if zone := zones.find(name):
        return zone

    problem = f"PIPELINE_TIMEZONE {name!r} is not a zone of the IANA time zone database"
    source.problems.append(problem)

    return ZoneInfo(SETTINGS["PIPELINE_TIMEZONE"].default)


def _database_url(source: Source) -> str:
    given = source.secret("DATABASE_URL").strip()

    url = database_url.for_psycopg2(given)
    if given and url is None:
        source.problems.append(
            "DATABASE_URL is not of the form postgresql://user:password@host:port/database"
        )

    return url or ""


def _alert_urls(source: Source) -> tuple[str, ...]:
    """Return Apprise URLs, separated by white space or commas.

    A comma that no scheme follows belongs to its URL.
    """
    parts = re.split(r"[\s,]+(?=[a-z0-9]+://)", source.secret("ALERT_URLS").strip())
    urls = tuple(filter(None, parts))

    if not all(re.match(r"[a-z0-9]+://\S", url) for url in urls):
        source.problems.append("ALERT_URLS must be Apprise URLs, such as mailtos://… or ntfys://…")
        return ()

    return urls


def _mail(source: Source) -> MailSettings | None:
    host = source.text("REPORT_EMAIL_SMTP_HOST")

    sender = _address(source, "REPORT_EMAIL_FROM")
    reply_to = _address(source, "REPORT_EMAIL_REPLY_TO")

    ehlo_name = source.text("REPORT_EMAIL_EHLO_NAME")
    if ehlo_name and not _HOST_NAME.fullmatch(ehlo_name):
        source.problems.append(
            "REPORT_EMAIL_EHLO_NAME must be the name of a host, such as mail.example.com"
        )

    username = source.text("REPORT_EMAIL_SMTP_USERNAME")
    password = source.secret("REPORT_EMAIL_SMTP_PASSWORD")
    if bool(username) != bool(password):
        source.problems.append(
            "REPORT_EMAIL_SMTP_USERNAME and REPORT_EMAIL_SMTP_PASSWORD: set both or neither"
        )

    port = source.positive("REPORT_EMAIL_SMTP_PORT")
    use_tls = source.flag("REPORT_EMAIL_USE_TLS")
    per_minute = source.positive("REPORT_EMAIL_PER_MINUTE")

    if not host or not sender:
        return None

    return MailSettings(
        host,
        port,
        sender,
        use_tls,
        username or None,
        password or None,
        ehlo_name=ehlo_name or None,
        reply_to=reply_to or None,
        per_minute=per_minute or None,
    )


def _address(source: Source, name: str) -> str:
    address = source.text(name)
    if address and ("@" not in address or not address.isprintable()):
        source.problems.append(f"{name} must be one address on one line")

    return address
