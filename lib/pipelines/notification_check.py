"""Checks whether all mails of a run could be sent: the server, the rows, the documents.

Sends nothing, unless asked for one test mail; shows the findings in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from lib import notify
from lib.config import Settings
from lib.config.settings import MailSettings
from lib.db import health, migrations
from lib.db.engine import connect
from lib.errors import ConfigurationError, ExitCode, UsageError
from lib.model import Finding, Pipeline, Status
from lib.notify import Address, InvalidAddress, MailState, PreviewedMail, ServerProblem
from lib.run import most_serious, queries

#: Takes one line for people.
Show = Callable[[str], object]
#: The questions of jobs.db_check that are about readers.
ROWS = ("pipelines", "profiles and templates", "recipients", "readers of all stores")


@dataclass(frozen=True)
class CheckRequest:
    """What to check beyond the server and the rows, and what to do with it."""

    pipeline: str | None = None
    run_id: str | None = None
    preview: Path | None = None
    send_to: str | None = None

    def address(self) -> Address | None:
        """Return the one reader of the test mail; raise UsageError if it is no address."""
        try:
            return notify.checked(self.send_to) if self.send_to else None
        except InvalidAddress as error:
            raise UsageError(f"--send-to: {error}") from None


def run(
    settings: Settings,
    request: CheckRequest,
    show: Show,
) -> ExitCode:
    """Show everything, line by line.

    Return OK only if every mail of the run (by default the latest one) could go or has gone. A
    warning, such as a store whose report has no reader, is no reason for another exit code.
    """
    request.address()

    if settings.mail is None:
        raise ConfigurationError(
            "REPORT_EMAIL_SMTP_HOST and REPORT_EMAIL_FROM are needed to send anything"
        )

    engine = connect(settings.database_url, application_name="simplify notifications_test")

    try:
        return _NotificationCheck(
            engine,
            settings,
            settings.mail,
            request,
            show,
        ).all()
    finally:
        engine.dispose()


@dataclass(frozen=True)
class _NotificationCheck:
    engine: Engine
    settings: Settings
    mail: MailSettings
    request: CheckRequest
    show: Show

    def all(self) -> ExitCode:
        codes = [self._server(), self._rows()]
        shown: list[PreviewedMail] = []

        for pipeline, run_id in self._runs():
            mails, findings = notify.preview_mails(
                self.engine,
                pipeline,
                run_id,
                self.settings,
            )
            shown += mails
            self.show(f"\nrun {run_id} of {pipeline}: {len(mails)} mails")

            codes += map(self._show, mails)
            codes.append(self._findings(findings))

            if reader := self.request.address():
                codes.append(self._send(mails, reader))

        self._write(shown)
        return most_serious(codes)

    def _server(self) -> ExitCode:
        try:
            notify.check_server(self.mail)
        except ServerProblem as problem:
            self._say(Status.ERROR, str(problem))
            return ExitCode.TEMPORARY if problem.is_transient else ExitCode.CONFIGURATION

        security = "over verified TLS" if notify.is_encrypted(self.mail) else "unencrypted"
        login = ", logged in" if self.mail.username else ""
        self._say(
            Status.OK,
            f"{self.mail.host}:{self.mail.port} lets us in {security}{login}",
        )

        return ExitCode.OK

    def _rows(self) -> ExitCode:
        checks = health.row_checks(self.settings.report_stores)
        findings: list[Finding] = []

        with self.engine.connect() as connection:
            migrations.require_current(connection)
            for name in ROWS:
                findings += checks[name](connection)

        return self._findings(findings)

    def _findings(self, findings: Iterable[Finding]) -> ExitCode:
        """Show what should be read; only an error is for a person first, as for jobs.db_check."""
        worth_reading = [finding for finding in findings if finding.severity is not Status.OK]
        for finding in worth_reading:
            self._say(finding.severity, str(finding))

        is_wrong = any(finding.severity is Status.ERROR for finding in worth_reading)
        return ExitCode.CONFIGURATION if is_wrong else ExitCode.OK

    def _runs(self) -> list[tuple[str, str]]:
        """Return pipeline and id of the runs to check."""
        wanted = self.request.pipeline

        with self.engine.connect() as connection:
            if self.request.run_id:
                row = queries.row_of(connection, self.request.run_id)
                if row is None or wanted not in (None, row.pipeline_name):
                    raise UsageError(
                        f"there is no run {self.request.run_id} of {wanted or 'any pipeline'}"
                    )

                return [(row.pipeline_name, row.run_id)]

            names = [wanted] if wanted else list(map(str, Pipeline))
            newest = [(name, queries.newest(connection, name)) for name in names]

        found = []

        for name, run_id in newest:
            if run_id:
                found.append((name, run_id))

        return found

    def _write(self, mails: list[PreviewedMail]) -> None:
        if self.request.preview:
            index, *paths = notify.write_files(mails, self.request.preview)

            for path in paths:
                self.show(f"wrote {path}")

            self.show(f"open first: {index}")

    def _show(self, one: PreviewedMail) -> ExitCode:
        """Show one mail with its readers and files."""
        mail = one.message.mail
        status, verdict = _verdict(one)
        self._say(status, f"{mail.subject}: {verdict}")

        about = f"store {mail.store_code}" if mail.store_code else "the run"
        profile = f"profile {mail.profile} (env {mail.profile_env})"
        deliveries = one.message.deliveries
        lines = [("why", f"{profile} tells these readers about {about}")]

        for each in deliveries:
            lines.append((each.send_as, f"{each.recipient} ({each.state})"))

        for document in mail.attachments:
            lines.append(("attached", document.attached_as))

        if one.content:
            lines.append(("bytes", f"{len(one.content)}, SHA-256 {one.sha256}"))

        for what, text in lines:
            self.show(f"         {what:<8} {text}")

        return ExitCode.CONFIGURATION if status is Status.ERROR else ExitCode.OK

    def _send(
        self,
        mails: list[PreviewedMail],
        reader: Address,
    ) -> ExitCode:
        sendable = [one for one in mails if one.content]
        if not sendable:
            self._say(
                Status.ERROR,
                f"there is no mail that could be sent to {reader.mailbox}",
            )
            return ExitCode.CONFIGURATION

        one = max(sendable, key=lambda each: len(each.message.mail.attachments))
        result = notify.send_test_mail(one, reader, self.mail)
        self._say(
            result.state.status,
            f"{one.name} to {reader.mailbox} only: {result.state} {result.reason}".rstrip(),
        )

        if result.state is MailState.SENT:
            return ExitCode.OK

        # A refusal is not mended by running again.
        needs_person = result.needs_person or result.state is MailState.FAILED
        return ExitCode.CONFIGURATION if needs_person else ExitCode.TEMPORARY

    def _say(
        self,
        status: Status,
        what: str,
    ) -> None:
        self.show(f"{status.upper():<8} {what}")


def _verdict(one: PreviewedMail) -> tuple[Status, str]:
    """Return what becomes of a mail, and how bad that is."""
    states = {delivery.state for delivery in one.message.deliveries}

    # Of a mail that is not owed any more it is no news that it could not be made again.
    if MailState.PENDING in states and one.problem:
        return Status.ERROR, f"cannot go: {one.problem}"

    if states == {MailState.PENDING}:
        return Status.OK, "would go"

    # What is pending would go, and that is no error of the check.
    worst = Status.worst([state.status for state in states - {MailState.PENDING}])
    return worst, f"is {', '.join(sorted(states))}"
