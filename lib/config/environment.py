"""Environment variables first, then the same names in `.env`: as one frozen `Settings`, or as a list of problems."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from lib.config import database_url, env_file, names, portal, retention, stores
from lib.config.settings import (
    CatchUpMails,
    CatchUpSettings,
    MailSettings,
    Need,
    PdfBackend,
    PdfSettings,
    Settings,
    Volumes,
)
from lib.config.source import Source
from lib.errors import InvalidSettings

RUN_ENVS = ("dev", "local", "prod")
HIGHEST_PORT = 65535


def load(needs: Collection[Need]) -> Settings:
    """Read and validate the environment, and `.env` in the working directory, for a job with these `needs`.

    Raises InvalidSettings with all problems at once; nothing is connected to, created or kept open.
    """
    return from_variables(os.environ, env_file.read(Path(".env")), needs)


def load_what_is_right() -> Settings:
    """Read the same for a job that must speak although settings are wrong: what is wrong is among the `warnings`."""
    file = env_file.read(Path(".env"))
    source = Source(file.values | dict(os.environ))
    settings = _settings(source, ())

    return replace(
        settings, warnings=(*settings.warnings, *dict.fromkeys([*file.problems, *source.problems]))
    )


def from_variables(
    environ: Mapping[str, str], file: env_file.EnvFile, needs: Collection[Need]
) -> Settings:
    """Do the work of `load` on given variables, of which `environ` wins over `file`, also with an empty value."""
    source = Source(file.values | dict(environ))
    settings = _settings(source, needs)

    if problems := [*file.problems, *source.problems]:
        raise InvalidSettings(list(dict.fromkeys(problems)))

    return settings


def _settings(source: Source, needs: Collection[Need]) -> Settings:
    keys = stores.read_keys(source)
    volumes = _volumes(source)
    settings = Settings(
        run_env=source.choice("RUN_ENV", RUN_ENVS, older="ENVIRONMENT"),
        zone=_zone(source),
        database_url=_database_url(source),
        stores=stores.scraped(source, keys),
        report_stores=stores.reported(source, keys),
        portal=portal.read(source, keys, volumes),
        mail=_mail(source),
        pdf=PdfSettings(
            backend=PdfBackend(source.choice("PDF_RENDER_BACKEND", list(PdfBackend))),
            chrome_executable=source.executable("PDF_RENDER_CHROME_EXECUTABLE"),
            templates_dir=source.existing("PDF_TEMPLATES_DIR", Path.is_dir, "directory"),
            logo=source.existing("PDF_LOGO", Path.is_file, "file"),
        ),
        catch_up=CatchUpSettings(
            max_periods=source.positive("CATCH_UP_MAX_PERIODS"),
            max_age_days=source.positive("CATCH_UP_MAX_AGE_DAYS"),
            mails=CatchUpMails(source.choice("CATCH_UP_MAILS", list(CatchUpMails))),
        ),
        volumes=volumes,
        ingest_batch_size=source.positive("INGEST_BATCH_SIZE"),
        json_log_file=source.file("JSON_LOG_FILE"),
        log_retention_days=source.positive("LOG_RETENTION_DAYS"),
        warnings=tuple(names.warnings(source.given)),
        alert_urls=_alert_urls(source),
        health_checks={
            job: source.secret_url(name) for job, name in names.health_checks(source.given).items()
        },
        retention=retention.read(source),
    )

    source.problems += [*_missing(source, settings, needs), *_not_scraped(settings, needs)]
    return settings


def _missing(source: Source, settings: Settings, needs: Collection[Need]) -> list[str]:
    """Name what the job needs and nobody set; a value that is there but wrong has its own problem already."""
    required = [
        (
            Need.DATABASE,
            "DATABASE_URL",
            settings.database_url,
            "postgresql://user:password@host/database",
        ),
        (
            Need.STORES,
            "STORES_LIST",
            settings.stores,
            "list the stores to scrape, for example A668,A817",
        ),
        (
            Need.REPORT_STORES,
            "REPORT_STORES_LIST",
            settings.report_stores,
            "list the stores that get reports",
        ),
        (
            Need.MAIL,
            "REPORT_EMAIL_SMTP_HOST",
            source.text("REPORT_EMAIL_SMTP_HOST"),
            "the server that takes our mail",
        ),
        (
            Need.MAIL,
            "REPORT_EMAIL_FROM",
            source.text("REPORT_EMAIL_FROM"),
            "the address that our mail comes from",
        ),
    ]

    problems = [
        f"{name} is missing: {what}"
        for need, name, value, what in required
        if need in needs
        and not value
        and not any(problem.startswith(name) for problem in source.problems)
    ]

    if Need.PORTAL in needs and not settings.portal.account:
        problems.append(
            "no complete portal credentials: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store"
        )

    return problems


def _not_scraped(settings: Settings, needs: Collection[Need]) -> list[str]:
    """Name report stores that a job which both scrapes and reports would wait for in vain.

    Source: lesson 78.
    """
    strangers = [code for code in settings.report_stores if code not in settings.stores]
    if strangers and settings.stores and {Need.STORES, Need.REPORT_STORES} <= set(needs):
        return [f"REPORT_STORES_LIST has stores that STORES_LIST does not: {', '.join(strangers)}"]

    return []


def _volumes(source: Source) -> Volumes:
    return Volumes(
        data_dir=source.directory("DATA_DIR"),
        reports_root=source.directory("REPORTS_ROOT"),
        profiles_dir=source.directory("PROFILES_DIR"),
        logs_dir=source.directory("LOGS_DIR"),
    )


def _zone(source: Source) -> ZoneInfo:
    name = source.text("PIPELINE_TIMEZONE")

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        source.problems.append(
            f"PIPELINE_TIMEZONE {name!r} is not a zone of the IANA time zone database"
        )
        return ZoneInfo(names.SETTINGS["PIPELINE_TIMEZONE"])


def _database_url(source: Source) -> str:
    given = source.secret("DATABASE_URL").strip()

    url = database_url.for_psycopg2(given)
    if given and url is None:
        source.problems.append(
            "DATABASE_URL is not of the form postgresql://user:password@host:port/database"
        )

    return url or ""


def _alert_urls(source: Source) -> tuple[str, ...]:
    """Read Apprise URLs, separated by white space or commas; a comma inside one is its own."""
    urls = tuple(
        filter(None, re.split(r"[\s,]+(?=[a-z0-9]+://)", source.secret("ALERT_URLS").strip()))
    )
    if any(not re.match(r"[a-z0-9]+://\S", url) for url in urls):
        source.problems.append("ALERT_URLS must be Apprise URLs, such as mailtos://… or ntfys://…")
        return ()

    return urls


def _mail(source: Source) -> MailSettings | None:
    host, sender = source.text("REPORT_EMAIL_SMTP_HOST"), source.text("REPORT_EMAIL_FROM")
    if sender and ("@" not in sender or not sender.isprintable()):
        source.problems.append("REPORT_EMAIL_FROM must be one address on one line")

    username = source.text("REPORT_EMAIL_SMTP_USERNAME")

    password = source.secret("REPORT_EMAIL_SMTP_PASSWORD")
    if bool(username) != bool(password):
        source.problems.append(
            "REPORT_EMAIL_SMTP_USERNAME and REPORT_EMAIL_SMTP_PASSWORD: set both or neither"
        )

    port = source.positive("REPORT_EMAIL_SMTP_PORT", most=HIGHEST_PORT)
    use_tls = source.flag("REPORT_EMAIL_USE_TLS")

    if not host or not sender:
        return None

    return MailSettings(host, port, sender, use_tls, username or None, password or None)
