"""Tells people that a unit has failed, and that it works again: once for each cause."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from lib import log
from lib.config.settings import Settings
from lib.errors import JobError
from lib.notify.alerts import channels, queries, text
from lib.notify.alerts.text import Incident
from lib.notify.delivery import smtp
from lib.notify.delivery.smtp_session import Courier
from lib.notify.message import mime
from lib.notify.model import addresses
from lib.notify.model.addresses import Address, InvalidAddress
from lib.notify.model.results import MailState
from lib.notify.plan.build import PlannedMail

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Alarm:
    """Who is told and how.

    `engine` is None while the database is out of reach: then nothing is grouped.
    """

    settings: Settings
    engine: Engine | None
    at: datetime

    def raise_for(self, incident: Incident) -> bool:
        """Tell people of the incident, unless they know its cause already; False when nobody could be told."""
        incident = replace(incident, run=self._last_run(incident))
        count = partial(queries.count, unit=incident.unit, cause=incident.cause, at=self.at)

        known = self._asked(count)
        if known and known.is_told:
            log.info(
                f"people know of this already: failure number {known.occurrences} since {known.first_at}"
            )
            return True

        if not self._tell(incident.pipeline, text.title(incident), text.text(incident)):
            return False

        if known:
            self._asked(partial(queries.told, alert_id=known.id))

        return True

    def call_off(self, unit: str) -> bool:
        """Tell people that the unit works again, if they had been told that it failed; False when nobody could be.

        What delivers mails does not work again because none is due at the moment: it does when none
        is owed.
        """
        found = self._asked(partial(queries.still_open, unit=unit)) or []
        if found and text.job_of(unit) == "notify" and self._asked(queries.is_mail_owed):
            log.info("a mail is still owed; people hear of the recovery when it has gone")
            return True

        if heard := [one for one in found if one.is_told]:
            failures = sum(one.occurrences for one in found)

            title, words = text.recovery(unit, heard[0].first_at, failures)
            if not self._tell(Incident(unit, self.at, self.settings.zone).pipeline, title, words):
                return False

        if found:
            self._asked(partial(queries.recover, unit=unit))

        return True

    def _last_run(self, incident: Incident) -> text.LastRun | None:
        if incident.pipeline is None:
            return None

        return self._asked(partial(queries.last_run, pipeline_name=incident.pipeline))

    def _tell(self, pipeline: str | None, title: str, words: str) -> bool:
        if self.settings.alert_urls and channels.tell(self.settings.alert_urls, title, words):
            log.ok("people were told over ALERT_URLS")
            return True

        operators = partial(
            queries.operators, pipeline_name=pipeline, run_env=self.settings.run_env
        )
        return self._mail(_readable(self._asked(operators) or ()), title, words)

    def _mail(self, readers: tuple[Address, ...], title: str, words: str) -> bool:
        mail = self.settings.mail
        if not readers or mail is None:
            log.error(
                "nobody can be told: no ALERT_URLS took it, and there is no mail server or no run-summary reader"
            )
            return False

        try:
            sender = addresses.sender(mail.sender)
        except InvalidAddress as error:
            log.error(f"REPORT_EMAIL_FROM cannot be used: {error}")
            return False

        planned = PlannedMail("alert", "any", None, readers, (), (), title, words)
        digest = hashlib.sha256(f"{title}{words}{self.at}".encode()).hexdigest()[:40]
        content = mime.build(
            planned,
            sender=sender,
            identity=f"<{digest}@{sender.domain}>",
            dated_at=self.at,
            contents=(),
        )

        with Courier(smtp.server(mail)) as courier:
            handover = courier.hand_over(
                sender.mailbox, [one.mailbox for one in readers], content, lambda _: True
            )

        if handover.state is MailState.SENT:
            log.ok(f"{len(readers)} run-summary readers were told by mail")
            return True

        log.error(f"the alert did not go: {handover.reason}")
        return False

    def _asked(self, question: Callable[[Connection], Answer]) -> Answer | None:
        """Return what the database answers, None where it does not: an alert goes out with or without it."""
        if self.engine is None:
            return None

        try:
            with self.engine.begin() as connection:
                queries.hurry(connection)
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
