"""Reads the forms that came back, one by one, and answers those that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum, auto
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine

from lib import dates, log, notify
from lib.config import Settings
from lib.db import migrations
from lib.db.engine import connect
from lib.domain.stores import ALL
from lib.errors import ExitCode, JobError, of_machine
from lib.notify import InvalidAddress, RefusedForm
from lib.plural import counted
from lib.returns import directory, form_process, queries
from lib.returns.directory import FoundFile
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


class FormReader:
    """Reads PDFs and stores what they say, each in one transaction."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._settings = settings
        self._outcomes: Counter[FormOutcome] = Counter()

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

    def log_result(self) -> None:
        """Log how many PDFs were read and how many were not."""
        forms = counted(self._outcomes[FormOutcome.READ], "form")
        known, refused = self._outcomes[FormOutcome.KNOWN], self._outcomes[FormOutcome.REFUSED]
        left = self._outcomes[FormOutcome.LEFT]

        log.ok(f"{forms} read, {known} read before, {refused} refused, {left} left")

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
