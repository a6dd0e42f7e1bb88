"""Tells people that a unit has failed, and that it works again: once for each cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from lib import log
from lib.config.settings import Settings
from lib.notify import addresses, alert_queries, alerts, channels, messages, smtp
from lib.notify.addresses import Address, InvalidAddress
from lib.notify.alerts import Incident
from lib.notify.courier import Courier
from lib.notify.outcomes import MailState
from lib.notify.plans import PlannedMail


@dataclass(frozen=True)
class Alarm:
    """Who is told and how. `engine` is None while the database is out of reach: then nothing is grouped."""

    settings: Settings
    engine: Engine | None
    at: datetime

    def raise_for(self, incident: Incident) -> bool:
        """Tell people of the incident, unless they know its cause already; False when nobody could be told."""
        incident = replace(incident, run=self._last_run(incident))
        with self._asking() as connection:
            known = alert_queries.count(connection, incident.unit, incident.cause, self.at) if connection else None
        if known and known.is_told:
            log.info(f"people know of this already: failure number {known.occurrences} since {known.first_at}")
            return True
        if not self._tell(incident.pipeline, alerts.title(incident), alerts.text(incident)):
            return False
        with self._asking() as connection:
            if connection and known:
                alert_queries.told(connection, known.id)
        return True

    def call_off(self, unit: str) -> bool:
        """Tell people that the unit works again, if they had been told that it failed; False when nobody could be.

        What delivers mails does not work again because none is due at the moment: it does when none is owed.
        """
        with self._asking() as connection:
            found = alert_queries.still_open(connection, unit) if connection else []
            if connection and found and alerts.job_of(unit) == "notify" and alert_queries.is_mail_owed(connection):
                log.info("a mail is still owed; people hear of the recovery when it has gone")
                return True
        if heard := [one for one in found if one.is_told]:
            failures = sum(one.occurrences for one in found)
            title, words = alerts.recovery(unit, heard[0].first_at, failures)
            if not self._tell(Incident(unit, self.at, self.settings.zone).pipeline, title, words):
                return False
        with self._asking() as connection:
            if connection and found:
                alert_queries.recover(connection, unit)
        return True

    def _last_run(self, incident: Incident) -> alerts.LastRun | None:
        with self._asking() as connection:
            return alert_queries.last_run(connection, incident.pipeline) if connection and incident.pipeline else None

    def _tell(self, pipeline: str | None, title: str, words: str) -> bool:
        if self.settings.alert_urls and channels.tell(self.settings.alert_urls, title, words):
            log.ok("people were told over ALERT_URLS")
            return True
        with self._asking() as connection:
            rows = alert_queries.operators(connection, pipeline, self.settings.run_env) if connection else []
        return self._mail(_readable(rows), title, words)

    def _mail(self, readers: tuple[Address, ...], title: str, words: str) -> bool:
        mail = self.settings.mail
        if not readers or mail is None:
            log.error("nobody can be told: no ALERT_URLS took it, and there is no mail server or no run-summary reader")
            return False
        try:
            sender = addresses.sender(mail.sender)
        except InvalidAddress as error:
            log.error(f"REPORT_EMAIL_FROM cannot be used: {error}")
            return False
        planned = PlannedMail("alert", "any", None, readers, (), (), title, words)
        digest = hashlib.sha256(f"{title}{words}{self.at}".encode()).hexdigest()[:40]
        content = messages.build(
            planned, sender=sender, identity=f"<{digest}@{sender.domain}>", dated_at=self.at, contents=()
        )
        with Courier(smtp.server(mail)) as courier:
            handover = courier.hand_over(sender.mailbox, [one.mailbox for one in readers], content, lambda _: True)
        if handover.state is MailState.SENT:
            log.ok(f"{len(readers)} run-summary readers were told by mail")
            return True
        log.error(f"the alert did not go: {handover.reason}")
        return False

    @contextmanager
    def _asking(self) -> Iterator[Connection | None]:
        """Yield a connection in a transaction, or None: an alert goes out with or without a database."""
        if self.engine is None:
            yield None
            return
        with self.engine.begin() as connection:
            yield connection


def _readable(rows: Sequence[tuple[str, str | None]]) -> tuple[Address, ...]:
    found = []
    for mailbox, name in rows:
        try:
            found.append(addresses.checked(mailbox, name))
        except InvalidAddress as error:
            log.warning(f"a run-summary reader is left out: {error}")
    return addresses.distinct(found)
