"""Reads the forms that came back: from a directory, from a mailbox, or from both."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from lib import dates, log
from lib.config import MailboxSettings, Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.errors import ExitCode, JobError, TemporaryError, of_machine
from lib.pipelines.form_reader import Also, FormOutcome, FormReader
from lib.returns import directory, mailbox, mails, queries
from lib.returns.directory import FoundFile
from lib.returns.mailbox import OpenMailbox
from lib.returns.mails import UnreadableMail
from lib.returns.model import ReturnedPdf
from lib.run import most_serious

#: Of mails that are looked at: nobody answers to a report that old.
MAX_AGE = timedelta(days=62)
#: Of one run; a mailbox that was never read may have years of them.
MOST_MAILS = 500


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
