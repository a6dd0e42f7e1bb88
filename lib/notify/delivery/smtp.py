"""The only importer of smtplib: one connection, its stages told apart.

No text of a server's reply is let out: replies quote addresses.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from lib import errors
from lib.config.settings import MailSettings
from lib.domain.mail_states import MailState
from lib.errors import TemporaryError
from lib.notify.delivery.refusals import Meaning, Refusal, Stage, too_large
from lib.notify.model import addresses
from lib.notify.model.addresses import InvalidAddress

#: For connecting and for each answer.
TIMEOUT_S = 60.0
IMPLICIT_TLS_PORT = 465
_CLOSING = 421
_GO_AHEAD = 354
_ACCEPTED = 250
_FORWARDED = 251
#: What smtplib makes of a line that is not a reply.
_NO_CODE = -1
_FINAL_DOT = b".\r\n"


class Security(Enum):
    """How the connection is protected; certificates are always verified."""

    #: Required, not merely tried.
    STARTTLS = auto()
    IMPLICIT_TLS = auto()
    #: Only where REPORT_EMAIL_USE_TLS=false asks for it.
    PLAIN = auto()


@dataclass(frozen=True)
class Server:
    """Which SMTP server takes the mail, and how it is addressed."""

    host: str
    port: int
    security: Security
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    #: Our name in EHLO; None: the name of this host.
    ehlo_name: str | None = None
    timeout_s: float = TIMEOUT_S


class ServerProblem(TemporaryError):
    """The server cannot be used at a stage, or dropped the connection; the text names both."""

    def __init__(
        self,
        reason: str,
        *,
        is_transient: bool,
    ) -> None:
        #: Trying again may help, without anybody having changed something.
        self.is_transient = is_transient
        super().__init__(reason)


class SenderRefused(TemporaryError):
    """The server does not take mail from REPORT_EMAIL_FROM: the mail is still owed."""

    def __init__(self, refusal: Refusal) -> None:
        self.is_transient = refusal.meaning in (Meaning.LATER, Meaning.ALLOWANCE)
        super().__init__(f"{refusal}; check REPORT_EMAIL_FROM")


class MessageTooLarge(TemporaryError):
    """The server takes no message of this size: only this mail is held back."""

    def __init__(
        self,
        size_bytes: int,
        limit_bytes: int | None,
        code: str = "",
    ) -> None:
        #: What the server announces; None if it announces nothing.
        self.limit_bytes = limit_bytes
        #: It was refused although it is no larger than what the server announces.
        self.is_refused = bool(code)
        super().__init__(too_large(size_bytes, limit_bytes, code))


def server(settings: MailSettings) -> Server:
    """Return the server that the settings name; port 465 speaks TLS from the start."""
    security = Security.STARTTLS if settings.use_tls else Security.PLAIN
    if settings.port == IMPLICIT_TLS_PORT:
        security = Security.IMPLICIT_TLS

    return Server(
        settings.host,
        settings.port,
        security,
        settings.username,
        settings.password,
        ehlo_name=settings.ehlo_name or _sender_domain(settings),
    )


def is_encrypted(settings: MailSettings) -> bool:
    """Return True if the connection to the server is encrypted."""
    return server(settings).security is not Security.PLAIN


def _sender_domain(settings: MailSettings) -> str | None:
    # Without a name of ours smtplib sends the container's address, which some relays refuse.
    try:
        return addresses.sender(settings.sender).domain
    except InvalidAddress:
        return None


@dataclass(frozen=True)
class Transfer:
    """What the server made of a message's content."""

    state: MailState
    #: Empty when it was taken.
    reason: str = ""
    refusal: Refusal | None = None


class SmtpConnection:
    """One authenticated connection.

    After a ServerProblem or an uncertain answer it is closed for good.
    """

    def __init__(self, server: Server) -> None:
        """Connect, protect and log in; raise ServerProblem with the stage where that ends."""
        with _stage("connect", server):
            self._smtp = _connected(server)

        try:
            self._prepare(server)
        except BaseException:
            self.close()
            raise

        self._server = server

    @property
    def size_limit_bytes(self) -> int | None:
        """The largest message that the server announces to take; None if it announces nothing."""
        announced = self._smtp.esmtp_features.get("size", "").split()
        # RFC 1870: 0 means that there is no fixed limit.
        return int(announced[0]) or None if announced and announced[0].isdigit() else None

    def address(
        self,
        sender: str,
        recipients: Sequence[str],
        size_bytes: int,
    ) -> Mapping[str, Refusal]:
        """Begin a message; return each refused recipient with its refusal.

        The others have been accepted. Raise MessageTooLarge, SenderRefused or ServerProblem if no
        message was begun.
        """
        limit_bytes = self.size_limit_bytes
        if limit_bytes and size_bytes > limit_bytes:
            raise MessageTooLarge(size_bytes, limit_bytes)

        with _stage("sender", self._server):
            options = [f"SIZE={size_bytes}"] if self._smtp.has_extn("size") else []

            code, text = self._smtp.mail(sender, options)
            if self._checked(code) != _ACCEPTED:
                refusal = Refusal(Stage.SENDER, _code(code, text))
                if refusal.meaning is Meaning.SIZE:
                    raise MessageTooLarge(size_bytes, limit_bytes, refusal.code)

                raise SenderRefused(refusal)

        refused = {}

        with _stage("recipient", self._server):
            for recipient in recipients:
                code, text = self._smtp.rcpt(recipient)
                if self._checked(code) not in (_ACCEPTED, _FORWARDED):
                    refused[recipient] = Refusal(Stage.RECIPIENT, _code(code, text))

        return refused

    def transfer(
        self,
        message: bytes,
        claim: Callable[[], bool],
    ) -> Transfer:
        """Send the message to the accepted recipients; return what the server made of it.

        `claim` is called before the final dot: False, or an error, drops the connection and with it
        the unfinished message. `UNCERTAIN` exactly when the final dot went out and no complete
        answer came back.
        """
        try:
            self._smtp.putcmd("DATA")

            code, text = self._smtp.getreply()
            if code != _GO_AHEAD:
                return self._refused_before_content(code, text)

            self._smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except OSError as error:
            self.close()
            return Transfer(
                MailState.PENDING,
                f"SMTP data: {_reason(error, self._server)}",
            )

        if not self._is_claimed(claim):
            return Transfer(MailState.PENDING, "another process has taken this mail")

        return self._finish()

    def _is_claimed(self, claim: Callable[[], bool]) -> bool:
        is_ours = False

        try:
            is_ours = claim()
        finally:
            if not is_ours:
                self.close()

        return is_ours

    def reset(self) -> None:
        """Forget the message that was begun; raise ServerProblem if that cannot be said."""
        with _stage("reset", self._server):
            self._smtp.rset()

    @property
    def is_open(self) -> bool:
        return self._smtp.sock is not None

    def quit(self) -> None:
        """Say goodbye, if the server still listens, and close."""
        try:
            self._smtp.quit()
        except OSError:
            self.close()

    def cut(self) -> None:
        """Break the connection under the thread that waits for the server; for other threads."""
        if (wire := self._smtp.sock) is not None:
            # Not the shutdown of an SSL socket: that belongs to the thread that reads.
            with suppress(OSError):
                socket.socket.shutdown(wire, socket.SHUT_RDWR)

    def close(self) -> None:
        """Drop the connection without a word. Idempotent."""
        self._smtp.close()

    def _prepare(self, server: Server) -> None:
        if self._smtp.sock is not None:
            # The final dot goes out alone: Nagle's algorithm would hold it back for a round trip.
            self._smtp.sock.setsockopt(
                socket.IPPROTO_TCP,
                socket.TCP_NODELAY,
                1,
            )

        with _stage("greeting", server):
            self._smtp.ehlo_or_helo_if_needed()

        if server.security is Security.STARTTLS:
            with _stage("starttls", server):
                self._smtp.starttls(context=ssl.create_default_context())
                self._smtp.ehlo_or_helo_if_needed()

        if server.username and server.password:
            with _stage("login", server):
                self._smtp.login(server.username, server.password)

    def _finish(self) -> Transfer:
        """Send the final dot and return what the server made of the message."""
        stage = "SMTP answer to the message"

        try:
            self._smtp.send(_FINAL_DOT)
            code, text = self._smtp.getreply()
        except OSError as error:
            self.close()
            return Transfer(
                MailState.UNCERTAIN,
                f"{stage}: {_reason(error, self._server)}",
            )
        except BaseException:
            self.close()
            raise

        if code == _NO_CODE:
            self.close()
            return Transfer(MailState.UNCERTAIN, f"{stage}: not a reply")

        if code == _ACCEPTED:
            return Transfer(MailState.SENT)

        return self._refused(code, text)

    def _refused_before_content(
        self,
        code: int,
        text: bytes,
    ) -> Transfer:
        result = self._refused(code, text)

        # Some servers still wait for the end of the message whose DATA they have refused.
        if self.is_open:
            with suppress(OSError):
                self._smtp.rset()

        return result

    def _refused(
        self,
        code: int,
        text: bytes,
    ) -> Transfer:
        if code in (_CLOSING, _NO_CODE):
            self.close()

        refusal = Refusal(Stage.DATA, _code(code, text))
        state = MailState.PENDING if refusal.meaning is Meaning.LATER else MailState.FAILED

        return Transfer(state, str(refusal), refusal)

    def _checked(self, code: int) -> int:
        """Return the code of a reply; raise if the server is going away, or gave no reply."""
        if code in (_CLOSING, _NO_CODE):
            raise smtplib.SMTPResponseException(code, b"")

        return code


def _connected(server: Server) -> smtplib.SMTP:
    if server.security is Security.IMPLICIT_TLS:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            local_hostname=server.ehlo_name,
            timeout=server.timeout_s,
            context=ssl.create_default_context(),
        )

    return smtplib.SMTP(
        server.host,
        server.port,
        local_hostname=server.ehlo_name,
        timeout=server.timeout_s,
    )


@contextmanager
def _stage(name: str, server: Server) -> Iterator[None]:
    """Raise ServerProblem, naming the stage, for what goes wrong in the block."""
    try:
        yield
    except OSError as error:
        # What smtplib raises is an OSError too.
        text = f"SMTP {name}: {_reason(error, server)}"
        raise ServerProblem(text, is_transient=_is_transient(error)) from error
    except UnicodeError as error:
        reason = f"SMTP {name}: the host, user name or password has non-ASCII letters"
        raise ServerProblem(reason, is_transient=False) from error


def _is_transient(error: OSError) -> bool:
    match error:
        case smtplib.SMTPResponseException():
            return error.smtp_code < 500  # noqa: PLR2004 - RFC 5321: 5yz is permanent
        case smtplib.SMTPServerDisconnected():
            return True
        case smtplib.SMTPException() | ssl.SSLCertVerificationError():
            return False

    return True


def _reason(error: OSError, server: Server) -> str:
    """Return what happened, without the server's words."""
    where = f"{server.host}:{server.port}"

    match error:
        case smtplib.SMTPAuthenticationError():
            refusal = _code(error.smtp_code, error.smtp_error)
            reason = f"refused with {refusal}; check REPORT_EMAIL_SMTP_USERNAME and its password"
        case smtplib.SMTPResponseException():
            reason = f"refused with {_code(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPNotSupportedError():
            reason = f"{where} does not offer it"
        case ssl.SSLCertVerificationError():
            reason = f"the certificate of {server.host} is not valid: {error.verify_message}"
        case socket.gaierror():
            reason = f"the name {server.host} cannot be resolved"
        case TimeoutError() | smtplib.SMTPServerDisconnected(__context__=TimeoutError()):
            reason = f"no answer from {where} within {server.timeout_s:g} s"
        case smtplib.SMTPServerDisconnected():
            reason = f"{where} closed the connection"
        case smtplib.SMTPException():
            reason = f"{where} and we have no way in common"
        case _:
            reason = f"{where}: {errors.describe(error)}"

    return reason


def _code(code: int, text: bytes | str) -> str:
    """Return the reply's code with its enhanced code (RFC 3463): the parts that quote nothing."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)

    return f"{code} {enhanced[0]}" if enhanced else str(code)
