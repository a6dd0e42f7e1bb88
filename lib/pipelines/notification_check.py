"""Check whether all mails of a run could be sent: the server, the rows, the documents.

Sends nothing; returns the findings in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from lib.config import Settings
from lib.config.settings import MailSettings
from lib.db import health, migrations
from lib.db.engine import connect
from lib.errors import ConfigurationError, ExitCode, UsageError
from lib.model import Finding, Pipeline, Status
from lib.notify import preview as notify_preview
from lib.notify.delivery import smtp
from lib.notify.delivery.smtp import LinkProblem
from lib.notify.model.addresses import Address, InvalidAddress, checked
from lib.notify.model.results import MailState
from lib.notify.preview import Rehearsed
from lib.run import queries
from lib.run.record import most_serious

#: Takes one line for people.
Show = Callable[[str], object]
#: The questions of jobs.db_check that are about who is told.
ROWS = ("pipelines", "profiles and templates", "recipients")


@dataclass(frozen=True)
class Choice:
    """What to look at beyond the server and the rows, and what to do with it."""

    pipeline: str | None = None
    run_id: str | None = None
    preview: Path | None = None
    send_to: str | None = None

    def address(self) -> Address | None:
        """Return the one reader of the test; UsageError for what is no address."""
        try:
            return checked(self.send_to) if self.send_to else None
        except InvalidAddress as error:
            raise UsageError(f"--send-to: {error}") from None


def run(settings: Settings, choice: Choice, show: Show) -> ExitCode:
    """Show everything, line by line; OK only when every mail of the run (by default the latest one) could go.

    A warning, such as a store whose report nobody reads, is no reason for another exit code.
    """
    choice.address()

    if settings.mail is None:
        raise ConfigurationError(
            "REPORT_EMAIL_SMTP_HOST and REPORT_EMAIL_FROM are needed to send anything"
        )

    engine = connect(settings.database_url, application_name="simplify notifications_test")

    try:
        return _Check(engine, settings, settings.mail, choice, show).all()
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _Check:
    engine: Engine
    settings: Settings
    mail: MailSettings
    choice: Choice
    show: Show

    def all(self) -> ExitCode:
        codes = [self._server(), self._rows()]
        shown: list[Rehearsed] = []

        for pipeline, run_id in self._runs():
            mails, findings = notify_preview.rehearse(self.engine, pipeline, run_id, self.settings)
            shown += mails
            self.show(f"\nrun {run_id} of {pipeline}: {len(mails)} mails")

            codes += [self._mails(mails), self._findings(findings)]

            if reader := self.choice.address():
                codes.append(self._send(mails, reader))

        self._write(shown)
        return most_serious(codes)

    def _server(self) -> ExitCode:
        """Say whether the server lets us in; running again does not help where a person must change something."""
        try:
            notify_preview.greet(self.mail)
        except LinkProblem as problem:
            self._say(Status.ERROR, str(problem))
            return ExitCode.TEMPORARY if problem.is_transient else ExitCode.CONFIGURATION

        is_plain = smtp.server(self.mail).security is smtp.Security.PLAIN
        security = "unencrypted" if is_plain else "over verified TLS"
        login = ", logged in" if self.mail.username else ""

        self._say(Status.OK, f"{self.mail.host}:{self.mail.port} lets us in {security}{login}")
        return ExitCode.OK

    def _rows(self) -> ExitCode:
        with self.engine.connect() as connection:
            migrations.require_current(connection)
            checks = health.row_checks(self.settings.report_stores)
            return self._findings(finding for name in ROWS for finding in checks[name](connection))

    def _findings(self, findings: Iterable[Finding]) -> ExitCode:
        """Show what should be read; only an error is for a person first, as for jobs.db_check."""
        worth_reading = [finding for finding in findings if finding.severity is not Status.OK]
        for finding in worth_reading:
            self._say(finding.severity, str(finding))

        is_wrong = any(finding.severity is Status.ERROR for finding in worth_reading)
        return ExitCode.CONFIGURATION if is_wrong else ExitCode.OK

    def _runs(self) -> list[tuple[str, str]]:
        wanted = self.choice.pipeline

        with self.engine.connect() as connection:
            if self.choice.run_id:
                row = queries.row_of(connection, self.choice.run_id)
                if row is None or wanted not in (None, row.pipeline_name):
                    raise UsageError(
                        f"there is no run {self.choice.run_id} of {wanted or 'any pipeline'}"
                    )

                return [(row.pipeline_name, row.run_id)]

            names = [wanted] if wanted else [str(code) for code in Pipeline]
            newest = [(name, queries.newest(connection, name)) for name in names]

        return [(name, run_id) for name, run_id in newest if run_id]

    def _mails(self, mails: list[Rehearsed]) -> ExitCode:
        for one in mails:
            self._show(one)

        return ExitCode.CONFIGURATION if any(one.problem for one in mails) else ExitCode.OK

    def _write(self, mails: list[Rehearsed]) -> None:
        for path in notify_preview.write(mails, self.choice.preview) if self.choice.preview else ():
            self.show(f"wrote {path}")

    def _show(self, one: Rehearsed) -> None:
        mail = one.message.mail
        status = Status.ERROR if one.problem else Status.OK
        about = f"store {mail.store_code}" if mail.store_code else "the run"

        self._say(
            status,
            f"{mail.subject}: {f'cannot go: {one.problem}' if one.problem else _verdict(one)}",
        )

        lines = [
            (
                "why",
                f"profile {mail.profile} (env {mail.profile_env}) tells these readers about {about}",
            )
        ]

        lines += [
            (delivery.send_as, f"{delivery.recipient} ({delivery.state})")
            for delivery in one.message.deliveries
        ]

        lines += [("attached", document.file_name) for document in mail.attachments]

        lines += [("bytes", f"{len(one.content)}, SHA-256 {one.sha256}")] if one.content else []
        for what, text in lines:
            self.show(f"         {what:<8} {text}")

    def _send(self, mails: list[Rehearsed], reader: Address) -> ExitCode:
        sendable = [one for one in mails if one.content]
        if not sendable:
            self._say(Status.ERROR, f"there is no mail that could be sent to {reader.mailbox}")
            return ExitCode.CONFIGURATION

        one = max(sendable, key=lambda each: len(each.message.mail.attachments))
        handover = notify_preview.send_one(one, reader, self.mail)
        self._say(
            handover.state.status,
            f"{one.name} to {reader.mailbox} only: {handover.state} {handover.reason}".rstrip(),
        )

        if handover.state is MailState.SENT:
            return ExitCode.OK

        return ExitCode.CONFIGURATION if handover.needs_person else ExitCode.TEMPORARY

    def _say(self, status: Status, what: str) -> None:
        self.show(f"{status.upper():<8} {what}")


def _verdict(one: Rehearsed) -> str:
    states = sorted({str(delivery.state) for delivery in one.message.deliveries})
    return "would go" if states == [MailState.PENDING] else f"is {', '.join(states)}"
