"""The whole environment.

From variables to Settings, or to the list of everything that is wrong with them.
"""

import dataclasses
import os
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lib import config
from lib.config import (
    Account,
    CatchUpMails,
    CatchUpSettings,
    MailboxSettings,
    MailSettings,
    Need,
    PdfBackend,
    PdfSettings,
    PortalSettings,
    ReturnSettings,
    Settings,
    Use,
    Volumes,
    names,
)
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables, load_what_is_right
from lib.config.settings_table import SETTINGS
from lib.errors import ConfigurationError, ExitCode, InvalidSettings

NO_FILE = EnvFile()
COMPLETE = {
    "DATABASE_URL": "postgresql://simplify:hunter2@db.example.invalid/simplify",
    "STORES_LIST": "A668,A817",
    "REPORT_STORES_LIST": "A668",
    "TD_UN3668_USERNAME": "UN3668",
    "TD_UN3668_PASSWORD": "hunter2",
    "REPORT_EMAIL_SMTP_HOST": "smtp.example.invalid",
    "REPORT_EMAIL_FROM": "reports@example.invalid",
}
"""Enough for the neediest job; everything else is a default."""

OF_SERVICES = {Need.DRAW_SCHEDULER, Need.DRAW_TLS}
"""What no job needs, only what draws for others: see test_worker_hosts."""
OF_JOBS = [need for need in Need if need not in OF_SERVICES]

DEFAULTS = Settings(
    run_env="dev",
    zone=ZoneInfo("Asia/Kolkata"),
    database_url="postgresql+psycopg2://simplify:hunter2@db.example.invalid/simplify",
    stores=("A668", "A817"),
    report_stores=("A668",),
    portal=PortalSettings(
        login_url="https://simplifytumbledry.in/home/login",
        home_url="https://simplifytumbledry.in/home",
        tms_base="https://tms.simplifytumbledry.in",
        dashboard_path="/mis/partner_dashboard?store_code={store_code}",
        concurrency=4,
        timeout_s=60.0,
        storage_state=Path("var/profiles/storage_state.json"),
        account=Account("UN3668", "UN3668", "hunter2"),
        browser_executable=None,
        artefacts_dir=Path("var/logs/portal"),
    ),
    mail=MailSettings("smtp.example.invalid", 587, "reports@example.invalid", use_tls=True),
    pdf=PdfSettings(PdfBackend.WEASYPRINT, chrome_executable=None),
    catch_up=CatchUpSettings(26, 400, CatchUpMails.DIGEST),
    volumes=Volumes(Path("var/data"), Path("var/reports"), Path("var/profiles"), Path("var/logs")),
    ingest_batch_size=3000,
    json_log_file=None,
    log_retention_days=30,
)


def settings(needs=(*OF_JOBS, *Use), file=NO_FILE, **given):
    return from_variables(COMPLETE | given, file, needs)


def problems(needs=(*OF_JOBS, *Use), file=NO_FILE, without=(), **given):
    variables = {name: value for name, value in (COMPLETE | given).items() if name not in without}
    with pytest.raises(InvalidSettings) as refusal:
        from_variables(variables, file, needs)
    return refusal.value.problems


def change(part, **values):
    """Return DEFAULTS with values of one part changed."""
    return dataclasses.replace(
        DEFAULTS, **{part: dataclasses.replace(getattr(DEFAULTS, part), **values)}
    )


def test_defaults():
    assert settings() == DEFAULTS


def test_a_job_without_needs_starts_with_an_empty_environment():
    started = from_variables({}, NO_FILE, [])
    assert (started.database_url, started.stores, started.portal.account, started.mail) == (
        "",
        (),
        None,
        None,
    )


HEARD = {
    "DATABASE_URL": (
        "postgresql://h/d",
        dataclasses.replace(DEFAULTS, database_url="postgresql+psycopg2://h/d"),
    ),
    "JOB_COMMAND": (
        "simplify {job}",
        dataclasses.replace(DEFAULTS, job_command="simplify {job}"),
    ),
    "RUN_ENV": ("prod", dataclasses.replace(DEFAULTS, run_env="prod")),
    "ENVIRONMENT": ("local", dataclasses.replace(DEFAULTS, run_env="local")),
    "PIPELINE_TIMEZONE": (
        "Europe/Berlin",
        dataclasses.replace(DEFAULTS, zone=ZoneInfo("Europe/Berlin")),
    ),
    "STORES_LIST": (" a668 , T105,,A668", dataclasses.replace(DEFAULTS, stores=("A668", "T105"))),
    "stores_list": ("A817,A668", DEFAULTS),
    "REPORT_STORES_LIST": (
        "A817,A668",
        dataclasses.replace(DEFAULTS, report_stores=("A817", "A668")),
    ),
    "TD_UN3668_USERNAME": (
        "other",
        change("portal", account=Account("UN3668", "other", "hunter2")),
    ),
    "TD_UN3668_PASSWORD": (
        "p@s#%s",
        change("portal", account=Account("UN3668", "UN3668", "p@s#%s")),
    ),
    "TD_UN3668_STORE_CODE": ("A668", DEFAULTS),
    "TD_UN3668_STORAGE_STATE_FILENAME": (
        "own.json",
        change("portal", storage_state=Path("var/profiles/own.json")),
    ),
    "TD_STORAGE_STATE_FILENAME": (
        "state.json",
        change("portal", storage_state=Path("var/profiles/state.json")),
    ),
    "TD_BASE_URL": (
        "http://127.0.0.1:81",
        change(
            "portal",
            login_url="http://127.0.0.1:81/home/login",
            home_url="http://127.0.0.1:81/home",
        ),
    ),
    "TD_LOGIN_URL": ("http://127.0.0.1/in", change("portal", login_url="http://127.0.0.1/in")),
    "TD_HOME_URL": ("http://127.0.0.1/at", change("portal", home_url="http://127.0.0.1/at")),
    "TMS_BASE": ("http://127.0.0.2:82/", change("portal", tms_base="http://127.0.0.2:82")),
    "TD_STORE_DASHBOARD_PATH": (
        "/d/{store_code}",
        change("portal", dashboard_path="/d/{store_code}"),
    ),
    "PORTAL_CONCURRENCY": ("16", change("portal", concurrency=16)),
    "PORTAL_SESSIONS": ("2", change("portal", sessions=2)),
    "PORTAL_TIMEOUT_SECONDS": ("5", change("portal", timeout_s=5.0)),
    "PORTAL_BUDGET_SECONDS": ("600", change("portal", budget_s=600.0)),
    "PORTAL_NETWORK_WAIT_SECONDS": ("5", change("portal", network_wait_s=5.0)),
    "BROWSER_EXECUTABLE": ("/bin/sh", change("portal", browser_executable=Path("/bin/sh"))),
    "DATA_DIR": ("/d", change("volumes", data_dir=Path("/d"))),
    "REPORTS_ROOT": ("/r", change("volumes", reports_root=Path("/r"))),
    "PROFILES_DIR": (
        "/p",
        dataclasses.replace(
            change("volumes", profiles_dir=Path("/p")),
            portal=dataclasses.replace(
                DEFAULTS.portal, storage_state=Path("/p/storage_state.json")
            ),
        ),
    ),
    "LOGS_DIR": (
        "/l",
        dataclasses.replace(
            change("volumes", logs_dir=Path("/l")),
            portal=change("portal", artefacts_dir=Path("/l/portal")).portal,
        ),
    ),
    "INGEST_BATCH_SIZE": ("1", dataclasses.replace(DEFAULTS, ingest_batch_size=1)),
    "JSON_LOG_FILE": (
        "/l/log.json",
        dataclasses.replace(DEFAULTS, json_log_file=Path("/l/log.json")),
    ),
    "LOG_RETENTION_DAYS": ("7", dataclasses.replace(DEFAULTS, log_retention_days=7)),
    "REPORT_RETENTION_DAYS": ("800", change("retention", report_days=800)),
    "DATA_RETENTION_DAYS": ("31", change("retention", data_days=31)),
    "REJECT_RETENTION_DAYS": ("31", change("retention", reject_days=31)),
    "MAIL_RETENTION_DAYS": ("62", change("retention", mail_days=62)),
    "ARTEFACT_RETENTION_DAYS": ("1", change("retention", artefact_days=1)),
    "STORAGE_STATE_RETENTION_DAYS": ("1", change("retention", storage_state_days=1)),
    "RETURN_RETENTION_DAYS": ("31", change("retention", return_days=31)),
    "CATCH_UP_MAX_PERIODS": ("3", change("catch_up", max_periods=3)),
    "CATCH_UP_MAX_AGE_DAYS": ("30", change("catch_up", max_age_days=30)),
    "CATCH_UP_MAILS": ("each", change("catch_up", mails=CatchUpMails.EACH)),
    "PDF_RENDER_BACKEND": ("chromium", change("pdf", backend=PdfBackend.CHROMIUM)),
    "PDF_RENDER_CHROME_EXECUTABLE": ("/bin/sh", change("pdf", chrome_executable=Path("/bin/sh"))),
    "PDF_TEMPLATES_DIR": ("/etc", change("pdf", templates_dir=Path("/etc"))),
    "DRILL_ALLOWED": ("true", change("drill", is_allowed=True)),
    "DRILL_BACKUPS": ("/etc", change("drill", backups=Path("/etc"))),
    "DRILL_DISK": ("/etc", change("drill", disk=Path("/etc"))),
    "DRAW_PROCESSES": ("3", change("draw", processes=3)),
    "PDF_LOGO": ("/etc/hosts", change("pdf", logo=Path("/etc/hosts"))),
    "REPORT_EMAIL_SMTP_HOST": ("127.0.0.1", change("mail", host="127.0.0.1")),
    "REPORT_EMAIL_SMTP_PORT": ("465", change("mail", port=465)),
    "REPORT_EMAIL_FROM": ("x@example.invalid", change("mail", sender="x@example.invalid")),
    "REPORT_EMAIL_USE_TLS": ("false", change("mail", use_tls=False)),
    "REPORT_EMAIL_EHLO_NAME": (
        "mx.example.invalid",
        change("mail", ehlo_name="mx.example.invalid"),
    ),
    "REPORT_EMAIL_REPLY_TO": (
        "ops@example.invalid",
        change("mail", reply_to="ops@example.invalid"),
    ),
    "REPORT_EMAIL_PER_MINUTE": ("30", change("mail", per_minute=30)),
    "ALERT_URLS": (
        "ntfys://t0ken@ntfy.example.invalid/us?a=b,c mailtos://u:p@example.invalid",
        dataclasses.replace(
            DEFAULTS,
            alert_urls=(
                "ntfys://t0ken@ntfy.example.invalid/us?a=b,c",
                "mailtos://u:p@example.invalid",
            ),
        ),
    ),
    "RETURNS_DIR": ("/etc", dataclasses.replace(DEFAULTS, returns=ReturnSettings(Path("/etc")))),
    "RETURNS_IMAP_URL": (
        "imaps://forms%40example.invalid:p%2Fw%3A@imap.example.invalid/Forms/In",
        dataclasses.replace(
            DEFAULTS,
            returns=ReturnSettings(
                mailbox=MailboxSettings(
                    "imap.example.invalid", 993, "Forms/In", "forms@example.invalid", "p/w:"
                )
            ),
        ),
    ),
    "HEALTHCHECK_URL_DAILY": (
        "https://hc.example.invalid/1/",
        dataclasses.replace(DEFAULTS, health_checks={"daily": "https://hc.example.invalid/1"}),
    ),
    "DEADLINE_DAILY": ("09:00", dataclasses.replace(DEFAULTS, deadlines={"daily": time(9)})),
    "DEADLINE_WEEKLY": ("9:30", dataclasses.replace(DEFAULTS, deadlines={"weekly": time(9, 30)})),
    "DEADLINE_MONTHLY": ("00:00", dataclasses.replace(DEFAULTS, deadlines={"monthly": time(0)})),
}


@pytest.mark.parametrize("name", HEARD)
def test_each_setting_is_heard_where_it_belongs_and_nowhere_else(name):
    value, expected = HEARD[name]
    assert settings(**{name: value}) == expected


def test_user_name_and_password_of_the_mail_server_are_heard_together():
    given = {"REPORT_EMAIL_SMTP_USERNAME": "reports", "REPORT_EMAIL_SMTP_PASSWORD": "hunter2"}
    assert settings(**given) == change("mail", username="reports", password="hunter2")


def test_no_setting_is_documented_in_vain():
    together = {
        *("REPORT_EMAIL_SMTP_USERNAME", "REPORT_EMAIL_SMTP_PASSWORD"),
        *("DRAW_SCHEDULER", "DRAW_TLS_CA", "DRAW_TLS_CERT"),
    }
    assert {names.general(name) for name in HEARD} | together == SETTINGS.keys()


def test_a_deadline_that_is_no_time_is_refused_where_it_is_shown():
    assert problems([Use.DEADLINES], DEADLINE_DAILY="9 am") == [
        "DEADLINE_DAILY: '9 am' is not a time of day; write it like 09:00; leave it empty for none"
    ]


def test_a_deadline_that_is_no_time_keeps_no_run_from_starting():
    heard = settings(OF_JOBS, DEADLINE_DAILY="24:00", DEADLINE_WEEKLY="09:30")

    assert heard.deadlines == {"weekly": time(9, 30)}
    [warning] = heard.warnings
    assert warning.startswith("not used here: DEADLINE_DAILY: '24:00' is not a time of day")


def test_an_alert_url_that_is_none_is_refused_without_quoting_it():
    [problem] = problems(ALERT_URLS="t0ken")

    assert problem.startswith("ALERT_URLS must be Apprise URLs")
    assert "t0ken" not in problem


@pytest.mark.parametrize(
    "url",
    [
        "imap://forms:hunter2@imap.example.invalid",
        "imaps://forms@imap.example.invalid",
        "imaps://:hunter2@imap.example.invalid",
        "imaps://forms:hunter2@",
        "imaps://forms:hunter2@imap.example.invalid:none",
        "imaps://forms:hunter2%0d%0aLOGOUT@imap.example.invalid",
        "imaps://forms:hunter2@imap.example.invalid/INBOX?x=y",
        "hunter2",
    ],
)
def test_a_mailbox_that_is_none_is_refused_without_quoting_it(url):
    [problem] = problems(RETURNS_IMAP_URL=url)

    assert problem.startswith("RETURNS_IMAP_URL is not of the form imaps://user:password@host")
    assert "hunter2" not in problem


def test_a_mailbox_without_port_and_folder_is_the_usual_one_and_its_password_does_not_show():
    heard = settings(RETURNS_IMAP_URL="imaps://forms:hunter2@imap.example.invalid:1993")

    assert heard.returns.mailbox == MailboxSettings(
        "imap.example.invalid", 1993, "INBOX", "forms", "hunter2"
    )
    assert "hunter2" not in repr(heard.returns)


def test_forms_come_back_to_nowhere_unless_that_is_set():
    assert not settings().returns.is_on


def test_alert_urls_do_not_show():
    assert "t0ken" not in repr(
        settings(ALERT_URLS="ntfy://t0ken@h/x", HEALTHCHECK_URL_DAILY="http://h/t0ken")
    )


def test_a_job_that_must_speak_reads_what_is_right_and_names_the_rest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "os.environ", COMPLETE | {"RUN_ENV": "production", "ALERT_URLS": "ntfy://h/x"}
    )
    settings = load_what_is_right()

    assert settings.alert_urls == ("ntfy://h/x",)
    assert settings.mail == DEFAULTS.mail
    assert [text for text in settings.warnings if text.startswith("RUN_ENV is 'production'")]


def test_run_env_wins_over_environment():
    assert settings(RUN_ENV="prod", ENVIRONMENT="staging").run_env == "prod"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"DATABASE_URL": "mysql://h/d"}, ["DATABASE_URL is not of the form postgresql://user:password@host:port/database"], id="database"),
        pytest.param({"RUN_ENV": "staging"}, ["RUN_ENV is 'staging'; it must be one of dev, local, prod"], id="run-env"),
        pytest.param({"ENVIRONMENT": "staging"}, ["ENVIRONMENT is 'staging'; it must be one of dev, local, prod"], id="environment"),
        pytest.param({"PIPELINE_TIMEZONE": "IST+5"}, ["PIPELINE_TIMEZONE 'IST+5' is not a zone of the IANA time zone database"], id="zone"),
        pytest.param({"PIPELINE_TIMEZONE": "../x"}, ["PIPELINE_TIMEZONE '../x' is not a zone of the IANA time zone database"], id="zone-path"),
        pytest.param({"PIPELINE_TIMEZONE": "America"}, ["PIPELINE_TIMEZONE 'America' is not a zone of the IANA time zone database"], id="zone-directory"),
        pytest.param({"STORES_LIST": "A668,../x"}, ["STORES_LIST lists '../X': neither a store code like A668 nor a key with TD_…_STORE_CODE"], id="store"),
        pytest.param({"STORES_LIST": " , "}, ["STORES_LIST is missing: list the stores to scrape, for example A668,A817"], id="no-store"),
        pytest.param({"STORES_LIST": "UN3668,A668"}, ["STORES_LIST lists the key UN3668: set TD_UN3668_STORE_CODE to its store code"], id="key-without-code"),
        pytest.param({"stores_list": "A668"}, ["STORES_LIST and stores_list contradict each other; unset stores_list"], id="selectors"),
        pytest.param({"REPORT_STORES_LIST": "A668,T105,B002"}, ["REPORT_STORES_LIST has stores that STORES_LIST does not: T105, B002"], id="not-scraped"),
        pytest.param({"TD_UN3668_STORE_CODE": "../x"}, ["TD_UN3668_STORE_CODE is '../X'; a store code looks like A668"], id="store-code"),
        pytest.param({"TD_UN3668_STORAGE_STATE_FILENAME": "../x"}, ["the storage state '../x' must be a file name; PROFILES_DIR says where it is"], id="own-state"),
        pytest.param({"TD_STORAGE_STATE_FILENAME": ".."}, ["the storage state '..' must be a file name; PROFILES_DIR says where it is"], id="state"),
        pytest.param({"TD_BASE_URL": "portal"}, ["TD_BASE_URL must be an http or https address without credentials"], id="base-url"),
        pytest.param({"TD_LOGIN_URL": "/home/login"}, ["TD_LOGIN_URL must be an http or https address without credentials"], id="login-url"),
        pytest.param({"TMS_BASE": "ftp://h"}, ["TMS_BASE must be an http or https address without credentials"], id="tms"),
        pytest.param({"TD_STORE_DASHBOARD_PATH": "/d"}, ["TD_STORE_DASHBOARD_PATH must begin with / and contain {store_code} and no other braces"], id="path"),
        pytest.param({"TD_STORE_DASHBOARD_PATH": "/{x}{store_code}"}, ["TD_STORE_DASHBOARD_PATH must begin with / and contain {store_code} and no other braces"], id="path-braces"),
        pytest.param({"PORTAL_CONCURRENCY": "0"}, ["PORTAL_CONCURRENCY is '0'; it must be a whole number from 1 to 1000000"], id="number"),
        pytest.param({"PDF_RENDER_BACKEND": "local_chrome"}, ["PDF_RENDER_BACKEND is 'local_chrome'; it must be one of weasyprint, chromium"], id="backend"),
        pytest.param({"REPORT_EMAIL_SMTP_USERNAME": "x"}, ["REPORT_EMAIL_SMTP_USERNAME and REPORT_EMAIL_SMTP_PASSWORD: set both or neither"], id="half-login"),
        pytest.param({"REPORT_EMAIL_FROM": "a@example.invalid\nBcc: b@example.invalid"}, ["REPORT_EMAIL_FROM must be one address on one line"], id="sender"),
        pytest.param({"REPORT_EMAIL_REPLY_TO": "ops"}, ["REPORT_EMAIL_REPLY_TO must be one address on one line"], id="reply-to"),
        pytest.param({"REPORT_EMAIL_EHLO_NAME": "a b\nRCPT"}, ["REPORT_EMAIL_EHLO_NAME must be the name of a host, such as mail.example.com"], id="ehlo"),
        pytest.param({"REPORT_EMAIL_PER_MINUTE": "-1"}, ["REPORT_EMAIL_PER_MINUTE is '-1'; it must be a whole number from 0 to 1000000"], id="pace"),
        pytest.param({"BROWSER_EXECUTABLE": "/nowhere"}, ["BROWSER_EXECUTABLE names /nowhere, which is not an executable file"], id="browser"),
    ],
)  # fmt: skip
def test_each_wrong_value_is_one_problem(given, expected):
    assert problems(**given) == expected


MISSING = {
    Need.DATABASE: (
        ["DATABASE_URL"],
        "DATABASE_URL is missing: postgresql://user:password@host/database",
    ),
    Need.STORES: (
        ["STORES_LIST"],
        "STORES_LIST is missing: list the stores to scrape, for example A668,A817",
    ),
    Need.REPORT_STORES: (
        ["REPORT_STORES_LIST"],
        "REPORT_STORES_LIST is missing: list the stores that get reports",
    ),
    Need.PORTAL: (
        ["TD_UN3668_PASSWORD"],
        "no complete portal credentials: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store",
    ),
    Need.MAIL: (
        ["REPORT_EMAIL_FROM"],
        "REPORT_EMAIL_FROM is missing: the address that our mail comes from",
    ),
}


@pytest.mark.parametrize("need", OF_JOBS, ids=str)
def test_what_a_job_needs_must_be_set(need):
    missing, problem = MISSING[need]

    assert problems(without=missing) == [problem]
    without_the_need = [other for other in OF_JOBS if other is not need]
    variables = {name: value for name, value in COMPLETE.items() if name not in missing}
    from_variables(variables, NO_FILE, without_the_need)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("REPORT_RETENTION_DAYS", 62),
        ("DATA_RETENTION_DAYS", 31),
        ("REJECT_RETENTION_DAYS", 31),
        ("MAIL_RETENTION_DAYS", 62),
        ("ARTEFACT_RETENTION_DAYS", 1),
        ("STORAGE_STATE_RETENTION_DAYS", 1),
        ("RETURN_RETENTION_DAYS", 31),
    ],
)
@pytest.mark.parametrize("days", ["0", "-5", "36501", "for ever", "least - 1"])
def test_nothing_is_kept_for_less_than_a_later_run_may_need_it(name, least, days):
    given = str(least - 1) if days == "least - 1" else days
    assert problems(**{name: given}) == [
        f"{name} is '{given}'; it must be a whole number from {least} to 36500"
    ]


@pytest.mark.parametrize(
    "name", ["DATA_RETENTION_DAYS", "REJECT_RETENTION_DAYS", "RETURN_RETENTION_DAYS"]
)
def test_rows_of_customers_never_outlive_the_reports_about_them(name):
    assert problems(REPORT_RETENTION_DAYS="100", **{name: "101"}) == [
        f"{name} is longer than REPORT_RETENTION_DAYS: rows of customers would outlive the reports about them"
    ]
    settings(REPORT_RETENTION_DAYS="100", **{name: "100"})


@pytest.mark.parametrize(
    ("needs", "given"),
    [
        pytest.param([Need.DATABASE], {"STORES_LIST": "?"}, id="migrate, stores"),
        pytest.param([Need.DATABASE], {"REPORT_EMAIL_SMTP_PORT": "x"}, id="migrate, mail"),
        pytest.param([Need.DATABASE], {"PDF_RENDER_BACKEND": "word"}, id="migrate, reports"),
        pytest.param([Need.STORES, Need.PORTAL], {"DATABASE_URL": "x"}, id="login, database"),
        pytest.param([Need.REPORT_STORES], {"TMS_BASE": "ftp://x"}, id="weekly, portal"),
        pytest.param([Need.DATABASE, Need.MAIL], {"CATCH_UP_MAILS": "x"}, id="notify, catch-up"),
        pytest.param([Need.PORTAL], {"ALERT_URLS": "nowhere"}, id="daily, alerts"),
    ],
)
def test_a_wrong_setting_that_the_job_does_not_use_is_a_warning(needs, given):
    [name] = given
    variables = COMPLETE | given
    warnings = from_variables(variables, NO_FILE, needs).warnings

    assert [text for text in warnings if name in text and text.startswith("not used here: ")]
    [problem] = problems(needs=tuple(Use), **given)
    assert warnings == (f"not used here: {problem}",)


@pytest.mark.parametrize("need", OF_JOBS, ids=str)
def test_a_need_uses_what_it_needs(need):
    missing, _ = MISSING[need]
    wrong = dict.fromkeys(missing, "\u200b")

    assert problems(needs=[need], **wrong) != []


def test_what_a_job_uses_may_be_missing_but_never_wrong():
    assert problems(needs=tuple(Use), REPORT_EMAIL_SMTP_PORT="x", STORES_LIST="?") == [
        "STORES_LIST lists '?': neither a store code like A668 nor a key with TD_…_STORE_CODE",
        "REPORT_EMAIL_SMTP_PORT is 'x'; it must be a whole number from 1 to 65535",
    ]


def test_all_problems_are_reported_at_once():
    given = {
        "RUN_ENV": "test",
        "STORES_LIST": "A668",
        "stores_list": "A817",
        "TD_A1_PASSWORD_FILE": "/nowhere",
        "PORTAL_TIMEOUT_SECONDS": "soon",
    }
    with pytest.raises(InvalidSettings) as refusal:
        from_variables(given, EnvFile(problems=(".env line 3 is not NAME=value",)), OF_JOBS)

    assert refusal.value.exit_code is ExitCode.CONFIGURATION
    assert str(refusal.value).splitlines() == [
        "invalid settings:",
        "  - .env line 3 is not NAME=value",
        "  - RUN_ENV is 'test'; it must be one of dev, local, prod",
        "  - STORES_LIST and stores_list contradict each other; unset stores_list",
        "  - TD_A1_PASSWORD_FILE names a file that cannot be read: No such file or directory",
        "  - PORTAL_TIMEOUT_SECONDS is 'soon'; it must be a whole number from 1 to 1000000",
        "  - DATABASE_URL is missing: postgresql://user:password@host/database",
        "  - REPORT_STORES_LIST is missing: list the stores that get reports",
        "  - REPORT_EMAIL_SMTP_HOST is missing: the server that takes our mail",
        "  - REPORT_EMAIL_FROM is missing: the address that our mail comes from",
        "  - no complete portal credentials: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store",
    ]


class TestStores:
    """Which stores the lists select."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            pytest.param({"STORES_LIST": "A668,T105"}, ("A668", "T105"), id="codes"),
            pytest.param(
                {"STORES_LIST": "KN3817,A668"}, ("A817", "A668"), id="a-key-with-its-code"
            ),
            pytest.param(
                {"STORES_LIST": "KN3817,A817"}, ("A817",), id="a-key-and-its-code-are-one-store"
            ),
            pytest.param(
                {"STORES_LIST": "", "stores_list": "A668"}, ("A668",), id="lower-case-name-alone"
            ),
            pytest.param(
                {"STORES_LIST": "A668,A817", "stores_list": "a817, a668"},
                ("A668", "A817"),
                id="same-set",
            ),
            pytest.param(
                {"STORES_LIST": "KN3817", "stores_list": "A817"},
                ("A817",),
                id="same-store-by-key-and-code",
            ),
        ],
    )
    def test_keys_and_codes(self, given, expected):
        assert settings(needs=tuple(Use), TD_KN3817_STORE_CODE="a817", **given).stores == expected

    def test_a_key_that_looks_like_a_code_is_never_taken_for_one(self):
        assert problems(needs=tuple(Use), STORES_LIST="B2", TD_B2_USERNAME="x") == [
            "STORES_LIST lists the key B2: set TD_B2_STORE_CODE to its store code"
        ]

    def test_report_stores_are_compared_with_scraped_ones_only_where_a_job_does_both(self):
        started = settings(needs=[Need.DATABASE, Need.REPORT_STORES], REPORT_STORES_LIST="T105")
        assert started.report_stores == ("T105",)


ACCOUNTS = {
    "TD_UN3668_PASSWORD": "",
    "TD_B2_USERNAME": "b",
    "TD_B2_PASSWORD": "bb",
    "TD_B2_STORE_CODE": "A668",
    "TD_C3_USERNAME": "c",
    "TD_C3_PASSWORD": "cc",
    "TD_C3_STORE_CODE": "A817",
    "TD_D4_USERNAME": "d",
    "TD_D4_STORE_CODE": "T105",
}


class TestAccount:
    """Whose credentials are used: those of the first listed key that has both parts."""

    @pytest.mark.parametrize(
        ("stores_list", "key"),
        [
            pytest.param("B2,C3", "B2", id="first-key"),
            pytest.param("C3,B2", "C3", id="order-of-the-list"),
            pytest.param("A817,A668", "C3", id="by-code"),
            pytest.param("D4,C3", "C3", id="incomplete-is-passed-over"),
            pytest.param("T105", "B2", id="none-listed-any-other-serves"),
        ],
    )
    def test_the_first_listed_key_with_complete_credentials_is_used(self, stores_list, key):
        given = ACCOUNTS | {"STORES_LIST": stores_list}
        assert settings(needs=[Need.PORTAL], **given).portal.account.key == key

    def test_a_password_may_come_from_a_file(self, tmp_path):
        file = tmp_path / "password"
        file.write_text("p@s#%s\n")
        file.chmod(0o600)
        given = {"TD_UN3668_PASSWORD": "", "TD_UN3668_PASSWORD_FILE": str(file)}

        assert settings(**given).portal.account.password == "p@s#%s"


def test_an_address_with_a_token_may_come_from_a_file(tmp_path):
    file = tmp_path / "ping"
    file.touch(mode=0o600)
    file.write_text("https://hc.example.invalid/1\n")
    heard = settings(HEALTHCHECK_URL_DAILY_FILE=str(file)).health_checks

    assert heard == {"daily": "https://hc.example.invalid/1"}


def test_names_set_in_vain_become_warnings():
    file = EnvFile({"TD_TYPO": "x"})
    assert settings(
        file=file, REPORT_EMAIL_TO="someone@example.invalid", REPORT_EMAIL_CC=""
    ) == dataclasses.replace(
        DEFAULTS,
        warnings=(
            "REPORT_EMAIL_TO is retired and not used: recipients and templates live in the database",
            "TD_TYPO is not a setting and is not used; docs/reference/settings.md lists them all",
        ),
    )


def test_secrets_do_not_show_in_a_repr():
    secrets = {
        "DATABASE_URL": "postgresql://u:canary@h/d",
        "TD_UN3668_USERNAME": "canary",
        "TD_UN3668_PASSWORD": "canary",
        "REPORT_EMAIL_SMTP_USERNAME": "canary",
        "REPORT_EMAIL_SMTP_PASSWORD": "canary",
    }
    assert "canary" not in repr(settings(**secrets))


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings().run_env = "prod"


class TestLoad:
    """The door: the process's environment and `.env` in the working directory."""

    @pytest.fixture(autouse=True)
    def empty_environment(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for name in SETTINGS:
            monkeypatch.delenv(name, raising=False)

    def write(self, text):
        Path(".env").write_text(text)
        Path(".env").chmod(0o600)

    def test_the_environment_wins_over_the_file_also_when_it_is_empty(self, monkeypatch):
        self.write("RUN_ENV=prod\nPORTAL_CONCURRENCY=2\nINGEST_BATCH_SIZE=7\n")
        monkeypatch.setenv("RUN_ENV", "local")
        monkeypatch.setenv("PORTAL_CONCURRENCY", "")
        loaded = config.load([])

        assert (loaded.run_env, loaded.portal.concurrency, loaded.ingest_batch_size) == (
            "local",
            4,
            7,
        )

    def test_a_file_further_up_is_not_read(self, tmp_path, monkeypatch):
        self.write("RUN_ENV=prod")
        (tmp_path / "sub").mkdir()
        monkeypatch.chdir(tmp_path / "sub")

        assert config.load([]).run_env == "dev"

    def test_the_process_environment_is_left_as_it_was(self):
        self.write("RUN_ENV=prod")
        before = dict(os.environ)
        config.load([])

        assert dict(os.environ) == before

    def test_a_refusal_is_a_configuration_error(self):
        with pytest.raises(ConfigurationError):
            config.load([Need.DATABASE])

    def test_the_example_is_a_valid_file_that_only_lacks_what_is_yours(self):
        example = Path(__file__).parents[3] / ".env.example"
        self.write(example.read_text(encoding="utf-8"))

        assert config.load([]).warnings == ()
