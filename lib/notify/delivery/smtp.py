"""The door to smtplib: one connection, its stages told apart, no reply text let out (replies quote addresses)."""

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
from lib.errors import TemporaryError
from lib.notify.model.results import MailState

#: For connecting and for each answer (lesson 80).
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
    """Which SMTP server takes the mail, and how it is spoken to."""

    host: str
    port: int
    security: Security
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    timeout_s: float = TIMEOUT_S


class LinkProblem(TemporaryError):
    """The server cannot be used at `stage`, or dropped the connection; the text names both."""

    def __init__(self, reason: str, *, is_transient: bool) -> None:
        #: Trying again may help, without anybody having changed something.
        self.is_transient = is_transient
        super().__init__(reason)


class SenderRefused(TemporaryError):
    """The server does not take mail from REPORT_EMAIL_FROM: perhaps a setting to correct, so the mail is still owed."""

    def __init__(self, code: str) -> None:
        self.is_transient = refusal_state(code) is MailState.PENDING
        super().__init__(f"SMTP sender: refused with {code}; check REPORT_EMAIL_FROM")


def server(settings: MailSettings) -> Server:
    """Return the server that the settings name; port 465 speaks TLS from the start."""
    security = Security.STARTTLS if settings.use_tls else Security.PLAIN
    if settings.port == IMPLICIT_TLS_PORT:
        security = Security.IMPLICIT_TLS

    return Server(settings.host, settings.port, security, settings.username, settings.password)


class Link:
    """One authenticated connection.

    After a LinkProblem or an uncertain answer it is closed for good.
    """

    def __init__(self, server: Server) -> None:
        """Connect, protect and log in; LinkProblem with the stage where that ends."""
        with _stage("connect", server):
            self._smtp = _connected(server)

        try:
            self._prepare(server)
        except BaseException:
            self.close()
            raise

        self._server = server

    def address(self, sender: str, recipients: Sequence[str], size_bytes: int) -> Mapping[str, str]:
        """Begin a message; return each refused recipient with the code of the reply, like `550 5.1.1`.

        The others have been accepted. SenderRefused or LinkProblem when no message was begun.
        """
        with _stage("sender", self._server):
            options = [f"SIZE={size_bytes}"] if self._smtp.has_extn("size") else []

            code, text = self._smtp.mail(sender, options)
            if self._checked(code) != _ACCEPTED:
                raise SenderRefused(_code(code, text))

        with _stage("recipient", self._server):
            replies = {recipient: self._smtp.rcpt(recipient) for recipient in recipients}
            for code, _ in replies.values():
                self._checked(code)

        return {
            recipient: _code(*reply)
            for recipient, reply in replies.items()
            if reply[0] not in (_ACCEPTED, _FORWARDED)
        }

    def transfer(self, message: bytes, claim: Callable[[], bool]) -> tuple[MailState, str]:
        """Send the message to the accepted recipients; return what the server made of it and why.

        `claim` is asked before the final dot: False, or an error, drops the link and with it the
        unfinished message. `UNCERTAIN` exactly when the final dot went out and no complete answer
        came back.
        """
        try:
            self._smtp.putcmd("DATA")

            code, text = self._smtp.getreply()
            if code != _GO_AHEAD:
                return self._refused_unheard(code, text)

            self._smtp.send(re.sub(rb"(?m)^\.", b"..", message))
        except OSError as error:
            self.close()
            return MailState.PENDING, f"SMTP data: {_reason(error, self._server)}"

        if not self._is_claimed(claim):
            return MailState.PENDING, "another process has taken this mail"

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
        """Forget the message that was begun."""
        with _stage("reset", self._server):
            self._smtp.rset()

    @property
    def is_open(self) -> bool:
        return self._smtp.sock is not None

    def quit(self) -> None:
        """Take leave, if the server still listens."""
        try:
            self._smtp.quit()
        except OSError:
            self.close()

    def cut(self) -> None:
        """Break the connection under the thread that waits for the server; for any other thread."""
        if (wire := self._smtp.sock) is not None:
            with suppress(OSError):
                socket.socket.shutdown(
                    wire, socket.SHUT_RDWR
                )  # TLS's own belongs to the thread that reads

    def close(self) -> None:
        """Drop the connection without a word. Idempotent."""
        self._smtp.close()

    def _prepare(self, server: Server) -> None:
        if self._smtp.sock is not None:
            # The final dot goes out alone: Nagle's algorithm would hold it back for a round trip.
            self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        with _stage("greeting", server):
            self._smtp.ehlo_or_helo_if_needed()

        if server.security is Security.STARTTLS:
            with _stage("starttls", server):
                self._smtp.starttls(context=ssl.create_default_context())
                self._smtp.ehlo_or_helo_if_needed()

        if server.username and server.password:
            with _stage("login", server):
                self._smtp.login(server.username, server.password)

    def _finish(self) -> tuple[MailState, str]:
        try:
            self._smtp.send(_FINAL_DOT)
            code, text = self._smtp.getreply()
        except OSError as error:
            self.close()
            return (
                MailState.UNCERTAIN,
                f"SMTP answer to the message: {_reason(error, self._server)}",
            )
        except BaseException:
            self.close()
            raise

        if code == _NO_CODE:
            self.close()
            return MailState.UNCERTAIN, "SMTP answer to the message: not a reply"

        return (MailState.SENT, "") if code == _ACCEPTED else self._refused(code, text)

    def _refused_unheard(self, code: int, text: bytes) -> tuple[MailState, str]:
        """Read a refusal of DATA itself, after which some servers still wait for that message to end."""
        verdict = self._refused(code, text)
        if self.is_open:
            with suppress(OSError):
                self._smtp.rset()

        return verdict

    def _refused(self, code: int, text: bytes) -> tuple[MailState, str]:
        if code in (_CLOSING, _NO_CODE):
            self.close()

        return refusal_state(_code(code, text)), f"SMTP data: refused with {_code(code, text)}"

    def _checked(self, code: int) -> int:
        """Return the code of a reply; LinkProblem when it says that the server is going away, or says nothing."""
        if code in (_CLOSING, _NO_CODE):
            raise smtplib.SMTPResponseException(code, b"")

        return code


def refusal_state(code: str) -> MailState:
    """Return what a refusal like `550 5.1.1` means: for good from 500 on, else still owed."""
    return MailState.FAILED if code.startswith("5") else MailState.PENDING


def _connected(server: Server) -> smtplib.SMTP:
    if server.security is Security.IMPLICIT_TLS:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=context)

    return smtplib.SMTP(server.host, server.port, timeout=server.timeout_s)


@contextmanager
def _stage(name: str, server: Server) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # what smtplib raises is an OSError too
        raise LinkProblem(
            f"SMTP {name}: {_reason(error, server)}", is_transient=_is_transient(error)
        ) from error
    except UnicodeError as error:
        reason = f"SMTP {name}: the host, user name or password has non-ASCII letters"
        raise LinkProblem(reason, is_transient=False) from error


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
    """Say what happened without the server's words."""
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
    """Return the reply's code with its enhanced code (RFC 3463), the only parts of it that quote nobody."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    enhanced = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", words)

    return f"{code} {enhanced[0]}" if enhanced else str(code)
