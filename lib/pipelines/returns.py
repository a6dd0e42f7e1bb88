"""Reads the forms that came back, one by one, and answers those that cannot be read."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from enum import StrEnum, auto
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine

from lib import dates, log, notify
from lib.config import MailboxSettings, Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.domain.stores import ALL
from lib.errors import ExitCode, JobError, TemporaryError, of_machine
from lib.notify import InvalidAddress, RefusedForm
from lib.plural import counted
from lib.returns import directory, form_process, mailbox, mails, queries
from lib.returns.directory import FoundFile
from lib.returns.mailbox import OpenMailbox
from lib.returns.mails import UnreadableMail
from lib.returns.model import FormRefusal, ReturnedForm, ReturnedPdf
from lib.run import most_serious


class FormOutcome(StrEnum):
    """What became of one PDF."""

    READ = auto()
    #: This very PDF was read before.
    KNOWN = auto()
    REFUSED = auto()
    #: It may still be being written.
    LEFT = auto()


#: Of mails that are looked at: nobody answers to a report that old.
MAX_AGE = timedelta(days=62)
#: Of one run; a mailbox that was never read may have years of them.
MOST_MAILS = 500

#: Writes more into the transaction that stores a PDF, such as how far a mailbox is read.
Also = Callable[[Connection], object]


def run(settings: Settings) -> ExitCode:
    """Read what came back; TEMPORARY if something is to be read the next time.

    Where neither RETURNS_DIR nor RETURNS_IMAP_URL is set there is nothing to do. There is no row in
    `pipeline_run_summaries`, for it is about no report date.
    """
    if not settings.returns.is_on:
        log.info("forms are not read: neither RETURNS_DIR nor RETURNS_IMAP_URL is set")
        return ExitCode.OK

    engine = connect(settings.database_url, application_name="simplify returns")

    try:
        with engine.connect() as connection:
            migrations.require_current(connection)

        reader = FormReader(engine, settings)
        codes = []

        if settings.returns.directory:
            codes.append(_attempt(partial(_read_directory, reader, settings.returns.directory)))

        if settings.returns.mailbox:
            codes.append(_attempt(partial(_read_mailbox, reader, settings.returns.mailbox)))

        reader.log_result()
        return most_serious(codes)
    finally:
        engine.dispose()


def _attempt(step: Callable[[], None]) -> ExitCode:
    """Return how one source of forms went; what one meets does not keep the other back."""
    try:
        step()
    except JobError as error:
        log.error("forms are left for the next time", error=error)
        return error.exit_code

    return ExitCode.OK


def _read_directory(reader: FormReader, root: Path) -> None:
    try:
        for found in directory.files(root):
            _read_file(reader, found)
    except OSError as error:
        raise of_machine(
            error,
            f"RETURNS_DIR cannot be read or changed: {error.strerror}; the jobs' user must be able"
            " to read and remove its files",
        ) from None


def _read_file(reader: FormReader, found: FoundFile) -> None:
    """Read one file; it leaves its place only after what it says is committed."""
    outcome = reader.read(found.pdf, may_wait=not found.is_settled(dates.now()))

    if outcome is FormOutcome.REFUSED:
        found.set_aside()
    elif outcome is not FormOutcome.LEFT:
        found.remove()


def _read_mailbox(reader: FormReader, settings: MailboxSettings) -> None:
    """Read the mails that came since the last time, the oldest first, each to its end.

    How far the mailbox is read is written with what was read, so a mail that a killed process was
    at is read again, and of its PDFs those that are not stored yet.
    """
    since = reader.today() - MAX_AGE

    with mailbox.opened(settings) as box:
        last = reader.last_uid(settings.name, box.uid_validity)
        uids = box.uids_after(last, since)

        for uid in uids[:MOST_MAILS]:
            also = partial(
                queries.advance,
                mailbox=settings.name,
                uid_validity=box.uid_validity,
                uid=uid,
            )
            _read_mail(reader, box, uid, also)

        if len(uids) > MOST_MAILS:
            raise TemporaryError(f"more than {MOST_MAILS} mails came back; the rest is read next")


def _read_mail(
    reader: FormReader,
    box: OpenMailbox,
    uid: int,
    also: Also,
) -> None:
    """Read the PDFs of one mail; `also` goes with the last of them, or alone."""
    pdfs = _pdfs(reader, box, uid)

    for pdf in pdfs[:-1]:
        reader.read(pdf)

    if pdfs:
        reader.read(pdfs[-1], also=also)
    else:
        reader.leave_out(also)


def _pdfs(reader: FormReader, box: OpenMailbox, uid: int) -> list[ReturnedPdf]:
    """Return the PDFs of a mail that a reader of ours sent; PDFs of others are not fetched."""
    summary = box.summary(uid)
    sender = mails.sender(summary.header) if summary else None

    if summary is None or sender is None or not reader.is_known(sender):
        return []

    if summary.size_bytes > mails.MAX_MAIL_BYTES:
        digest = hashlib.sha256(summary.header).hexdigest()
        return [ReturnedPdf(digest, None, sender, summary.received_at)]

    content = box.content(uid)

    try:
        return mails.pdfs(content, sender, summary.received_at) if content else []
    except UnreadableMail:
        log.warning("a mail of a reader cannot be taken apart, so its PDFs are not read")
        return []


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
