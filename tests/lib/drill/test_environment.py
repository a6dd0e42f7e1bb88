"""The environment of a drill's jobs: nothing in it leads out."""

from __future__ import annotations

from pathlib import Path

from lib.config import Need, Use
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.drill import environment
from lib.drill.mail_server import MailServer

OF_HOST = {
    "DATABASE_URL_FILE": "/run/secrets/DATABASE_URL",
    "STORES_LIST": "A668",
    "REPORT_STORES_LIST": "A668",
    "TD_A668_STORE_CODE": "A668",
    "TD_A668_USERNAME": "A668",
    "TD_A668_PASSWORD": "hunter2",
    "ALERT_URLS": "mailto://people@example.invalid",
    "HEALTHCHECK_URL_DAILY": "https://watch.example.invalid/1",
    "DRAW_SCHEDULER": "tls://10.0.0.1:8786",
    "REPORT_EMAIL_SMTP_HOST": "smtp.example.invalid",
    "REPORT_EMAIL_SMTP_USERNAME": "reports",
    "REPORT_EMAIL_SMTP_PASSWORD_FILE": "/run/secrets/REPORT_EMAIL_SMTP_PASSWORD",
    "REPORT_EMAIL_FROM": "reports@example.invalid",
    "JSON_LOG_FILE": "/var/lib/simplify/logs/log.json",
}
#: What a checkout's `.env` says, behind the environment.
ENV_FILE = EnvFile(
    {
        "ALERT_URLS": "mailto://people@example.invalid",
        "HEALTHCHECK_URL_STATUS": "https://watch.example.invalid/2",
        "RETURNS_IMAP_URL": "imaps://forms:hunter2@imap.example.invalid",
        "REPORT_EMAIL_REPLY_TO": "people@example.invalid",
    }
)


def of_a_job():
    mails = MailServer()
    mails.port = 2525
    given = environment.of_job(
        OF_HOST,
        database_url="postgresql://simplify@127.0.0.1/simplify_drill",
        root=Path("/scratch"),
        mails=mails,
    )
    needs = [Need.DATABASE, Need.STORES, Need.REPORT_STORES, Need.PORTAL, Need.MAIL, *Use]
    return from_variables(given, ENV_FILE, needs)


def test_nobody_is_told_and_nothing_is_pinged():
    settings = of_a_job()

    assert (settings.alert_urls, dict(settings.health_checks), settings.deadlines) == ((), {}, {})


def test_mail_goes_to_the_drill_s_own_server_without_a_password():
    mail = of_a_job().mail

    assert (mail.host, mail.port, mail.use_tls) == ("127.0.0.1", 2525, False)
    assert (mail.username, mail.password, mail.reply_to) == (None, None, None)
    assert mail.sender == "drill@drill.invalid"


def test_the_database_is_the_scratch_one_and_the_volumes_are_its_own():
    settings = of_a_job()

    assert settings.database_url.endswith("/simplify_drill")
    volumes = settings.volumes
    roots = (volumes.data_dir, volumes.reports_root, volumes.profiles_dir, volumes.logs_dir)
    assert {path.parent for path in roots} == {Path("/scratch")}
    assert settings.json_log_file is None


def test_forms_are_not_read_and_no_other_host_draws():
    settings = of_a_job()

    assert (settings.returns.is_on, settings.draw.scheduler) == (False, "")


def test_the_portal_stays_the_host_s():
    account = of_a_job().portal.account
    assert (account.username, account.password) == ("A668", "hunter2")
