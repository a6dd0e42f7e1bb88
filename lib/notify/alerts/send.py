"""Notifies people that a unit has failed, and that it works again: once for each cause."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from lib import dates, log
from lib.config.settings import Settings
from lib.domain import pipelines
from lib.domain.mail_states import MailState
from lib.errors import JobError
from lib.model import Pipeline
from lib.notify.alerts import channels, queries, text
from lib.notify.alerts.channels import AlertKind
from lib.notify.alerts.text import Incident
from lib.notify.delivery import content, smtp
from lib.notify.delivery.smtp_session import SmtpSession
from lib.notify.message import mime
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.mail import PlannedMail
from lib.period_names import instant_name

Answer = TypeVar("Answer")


class AlertResult(Enum):
    """What became of one alert."""

    SENT = auto()
    #: The connection ended between the mail's final dot and the answer.
    UNCERTAIN = auto()
    #: No channel and no mail server took it.
    NOT_SENT = auto()


@dataclass(frozen=True)
class AlertSender:
    """Where alerts go and when it is.

    `engine` is None while the database is out of reach: then nothing is grouped.
    """

    settings: Settings
    engine: Engine | None
    at: datetime

    def notify_failure(self, incident: Incident) -> bool:
        """Send an alert about the incident, unless one for its cause has been sent.

        Return False if it reached no channel and no reader.
        """
        incident = replace(incident, run=self._last_run(incident))
        count = partial(
            queries.count_failure,
            unit=incident.unit,
            cause=incident.cause,
            at=self.at,
        )

        alert = self._asked(count)
        if alert and alert.is_notified:
            log.info(
                "alert for this cause already sent"
                f" ({alert.occurrences} failures since {dates.minute(alert.first_at)})"
            )
            return True

        result = self._send(
            incident.pipeline,
            text.title(incident),
            text.text(incident),
            AlertKind.FAILURE,
        )
        if result is not AlertResult.SENT:
            return False

        if alert:
            self._asked(partial(queries.mark_notified, alert_id=alert.id))

        return True

    def notify_deadline(
        self,
        pipeline: Pipeline,
        report_on: date,
        title: str,
        words: str,
    ) -> bool:
        """Send word that the mails of a report date will be late, unless that has been sent.

        It is claimed first: of a run that is killed meanwhile the next one warns nobody again,
        unlike of a failure. Return False if it certainly reached no channel and no reader.
        """
        claim = partial(
            queries.claim_warning,
            unit=f"deadline of {pipelines.name_of(pipeline)}",
            cause=report_on.isoformat(),
            at=self.at,
        )

        alert = self._asked(claim)
        if alert and alert.is_notified:
            log.info("people have been warned of this deadline already")
            return True

        result = self._send(pipeline, title, words, AlertKind.WARNING)
        if result is not AlertResult.NOT_SENT:
            return True

        if alert:
            self._asked(partial(queries.release_warning, alert_id=alert.id))

        return False

    def notify_recovery(
        self,
        unit: str,
        headline: str = "",
    ) -> bool:
        """Send word that the unit works again, if an alert said that it failed.

        `headline` is the line that says how the owners' reports stand, with which it begins.
        Return False if that reached no channel and no reader. The unit that delivers mails does not
        work again because none is due at the moment: it does when none is owed.
        """
        alerts = self._asked(partial(queries.still_open, unit=unit)) or []
        if alerts and text.job_of(unit) == "notify" and self._asked(queries.is_mail_owed):
            log.info("a mail is still owed; the recovery is announced when it has gone")
            return True

        if sent := [alert for alert in alerts if alert.is_notified]:
            failures = sum(alert.occurrences for alert in alerts)
            pipeline = pipelines.of_job(text.job_of(unit))
            undelivered = self._asked(
                partial(
                    queries.undelivered,
                    pipeline_name=pipeline,
                    since=sent[0].first_at,
                )
            )

            title, words = text.recovery(
                unit,
                instant_name(sent[0].first_at, self.settings.zone),
                failures,
                undelivered,
                command=self.settings.command,
                headline=headline,
            )
            result = self._send(
                pipeline,
                title,
                words,
                AlertKind.RECOVERY,
            )
            if result is not AlertResult.SENT:
                return False

        if alerts:
            self._asked(partial(queries.recover, unit=unit))

        return True

    def _last_run(self, incident: Incident) -> text.LastRun | None:
        if incident.pipeline is None:
            return None

        return self._asked(partial(queries.last_run, pipeline_name=incident.pipeline))

    def _send(
        self,
        pipeline: str | None,
        title: str,
        words: str,
        kind: AlertKind,
    ) -> AlertResult:
        urls = self.settings.alert_urls
        if urls and channels.send(urls, title, words, kind):
            log.ok("alert sent over ALERT_URLS")
            return AlertResult.SENT

        operators = partial(
            queries.operators,
            pipeline_name=pipeline,
            run_env=self.settings.run_env,
        )
        return self._mail(
            _readable(self._asked(operators) or ()),
            title,
            words,
        )

    def _mail(
        self,
        readers: tuple[Address, ...],
        title: str,
        words: str,
    ) -> AlertResult:
        mail = self.settings.mail
        if not readers or mail is None:
            log.error(
                "the alert reaches nobody: no ALERT_URLS took it,"
                " and there is no mail server or no run-summary reader"
            )
            return AlertResult.NOT_SENT

        try:
            origin = content.origin(mail)
        except InvalidAddress as error:
            log.error(str(error))
            return AlertResult.NOT_SENT

        planned = PlannedMail(
            "alert",
            "any",
            None,
            readers,
            (),
            (),
            title,
            words,
        )
        digest = hashlib.sha256(f"{title}{words}{self.at}".encode()).hexdigest()[:40]
        data = mime.build(
            planned,
            sender=origin.sender,
            identity=f"<{digest}@{origin.sender.domain}>",
            dated_at=self.at,
            contents=(),
        )
        mailboxes = [reader.mailbox for reader in readers]

        with SmtpSession(smtp.server(mail)) as session:
            result = session.send(origin.sender.mailbox, mailboxes, data, lambda _: True)

        if result.state is MailState.SENT:
            log.ok(f"alert mailed to {len(readers)} run-summary readers")
            return AlertResult.SENT

        if result.state is MailState.UNCERTAIN:
            log.error(f"the alert may not have been sent: {result.reason}")
            return AlertResult.UNCERTAIN

        log.error(f"the alert was not sent: {result.reason}")
        return AlertResult.NOT_SENT

    def _asked(self, question: Callable[[Connection], Answer]) -> Answer | None:
        """Return what the database answers; None if it does not: an alert goes out without it."""
        if self.engine is None:
            return None

        try:
            with self.engine.begin() as connection:
                queries.set_statement_timeout(connection)
                return question(connection)
        except (JobError, SQLAlchemyError) as error:
            log.warning("the alert does without the database", error=error)
            return None


def _readable(rows: Sequence[tuple[str, str | None]]) -> tuple[Address, ...]:
    found = []

    for mailbox, name in rows:
        try:
            found.append(addresses.checked(mailbox, name))
        except InvalidAddress as error:
            log.warning(f"a run-summary reader is left out: {error}")

    return addresses.distinct(found)
