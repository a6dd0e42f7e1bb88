"""Reads one PDF after the other and stores what it says, or why it is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from enum import StrEnum, auto

from sqlalchemy import Connection, Engine

from lib import dates, log, notify
from lib.config import Settings
from lib.domain.stores import ALL
from lib.notify import InvalidAddress, RefusedForm
from lib.plural import counted
from lib.returns import form_process, queries
from lib.returns.model import FormRefusal, ReturnedForm, ReturnedPdf

#: Writes more into the transaction that stores a PDF, such as how far a mailbox is read.
Also = Callable[[Connection], object]


class FormOutcome(StrEnum):
    """What became of one PDF."""

    READ = auto()
    #: This very PDF was read before.
    KNOWN = auto()
    REFUSED = auto()
    #: It may still be being written.
    LEFT = auto()


class FormReader:
    """Reads PDFs and stores what they say, each in one transaction."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._outcomes: Counter[FormOutcome] = Counter()
        #: Mails without a PDF, of strangers, of machines.
        self._left_out = 0

    def read(
        self,
        pdf: ReturnedPdf,
        *,
        may_wait: bool = False,
        also: Also = lambda _: None,
    ) -> FormOutcome:
        """Read one PDF and store what it says, or why it is refused.

        1. One that was read before is left as it is.
        2. It is read in a process of its own, outside of any transaction.
        3. It must be of a report of ours, and of a store whose reports its sender gets.
        4. One transaction stores the answers, or the refusal with the mail about it, and `also`.

        `may_wait`: a refusal may be because the file is still being written; nothing is stored.
        """
        with self._engine.connect() as connection:
            is_known = queries.is_read(connection, pdf.digest)

        found = None if is_known else self._contents(pdf)

        with self._engine.begin() as connection:
            outcome = self._stored(connection, pdf, found, may_wait=may_wait)
            also(connection)

        self._outcomes[outcome] += 1
        return outcome

    def today(self) -> date:
        """Return the day in PIPELINE_TIMEZONE."""
        return dates.today(self._settings.zone, dates.now())

    def last_uid(self, name: str, uid_validity: int) -> int:
        """Return how far that mailbox was read."""
        with self._engine.connect() as connection:
            return queries.last_uid(connection, name, uid_validity)

    def is_known(self, sender: str) -> bool:
        """Return True if reports of any store go to that address."""
        with self._engine.connect() as connection:
            return bool(notify.readable_stores(connection, sender, self._settings.run_env))

    def leave_out(self, also: Also) -> None:
        """Write `also` for a mail without a PDF that is to be read."""
        with self._engine.begin() as connection:
            also(connection)

        self._left_out += 1

    def log_result(self) -> None:
        """Log how many PDFs were read and how many were not."""
        forms = counted(self._outcomes[FormOutcome.READ], "form")
        known, refused = self._outcomes[FormOutcome.KNOWN], self._outcomes[FormOutcome.REFUSED]
        left = self._outcomes[FormOutcome.LEFT]

        log.ok(f"{forms} read, {known} read before, {refused} refused, {left} left")

        if self._left_out:
            others = counted(self._left_out, "mail")
            log.info(f"{others} without a PDF or without a sender who gets reports")

    def _contents(self, pdf: ReturnedPdf) -> ReturnedForm | FormRefusal:
        return form_process.read(pdf.content) if pdf.content is not None else FormRefusal.TOO_LARGE

    def _stored(
        self,
        connection: Connection,
        pdf: ReturnedPdf,
        found: ReturnedForm | FormRefusal | None,
        *,
        may_wait: bool,
    ) -> FormOutcome:
        if found is None:
            return FormOutcome.KNOWN

        form = found if isinstance(found, ReturnedForm) else None
        refusal = self._refusal(connection, pdf, found)

        if refusal is None and form is not None:
            is_new = queries.store_read(connection, pdf, form)
            return FormOutcome.READ if is_new else FormOutcome.KNOWN

        if may_wait:
            return FormOutcome.LEFT

        self._refuse(connection, pdf, refusal or FormRefusal.NO_PDF)
        return FormOutcome.REFUSED

    def _refusal(
        self,
        connection: Connection,
        pdf: ReturnedPdf,
        found: ReturnedForm | FormRefusal,
    ) -> FormRefusal | None:
        """Return why the PDF is not taken; None if it is."""
        if isinstance(found, FormRefusal):
            return found

        if pdf.sender is not None:
            stores = notify.readable_stores(connection, pdf.sender, self._settings.run_env)

            if not stores & {ALL, found.store_code}:
                return FormRefusal.NOT_THEIRS

        return None if queries.names_report(connection, found) else FormRefusal.UNKNOWN

    def _refuse(
        self,
        connection: Connection,
        pdf: ReturnedPdf,
        refusal: FormRefusal,
    ) -> None:
        is_repeated = queries.is_refused(connection, pdf)
        queries.store_refused(connection, pdf, refusal)
        log.warning(f"a form is refused: {refusal}")

        if is_repeated or pdf.sender is None:
            return

        # An address that cannot be written to is answered by nobody.
        with suppress(InvalidAddress):
            refused = RefusedForm(
                pdf.digest,
                str(refusal),
                notify.checked(pdf.sender),
                pdf.received_at.astimezone(self._settings.zone).date(),
            )
            notify.plan_refused_form(connection, refused, settings=self._settings)
