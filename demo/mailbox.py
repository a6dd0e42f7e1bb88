"""A mail sink: accepts mail over SMTP and writes each message to a numbered `.eml` file.

It can refuse (`Refusal`) and, for the tests, say anything at any step (`Mailbox.replies`).
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any, AnyStr, cast

from aiosmtpd.smtp import DATA_SIZE_DEFAULT, SMTP, AuthResult, Envelope, LoginPassword, Session

from demo.background import in_background, listening_socket

ENVELOPE_FROM = "X-Envelope-From"
ENVELOPE_TO = "X-Envelope-To"
ADDRESS = "127.0.0.1"
#: In place of a reply: the connection closes.
DROP = ""
#: In place of a reply: nothing, until the client gives up.
SILENCE = "silence"
#: What the server says, or what is done before it says so; None from it: what it says of itself.
Reply = str | Callable[[], str | None]


class Stage(StrEnum):
    """A step of the SMTP dialogue at which a mail can fail."""

    #: The connection closes before the greeting, whatever the refusal says.
    CONNECT = "connect"
    SENDER = "sender"
    RECIPIENT = "recipient"
    #: The whole message was received but is refused; nothing is kept.
    DATA = "data"
    #: The message is kept, and then the connection drops before the sender hears so: it cannot
    #: know.
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fault at `stage`: the `reply` (4xx or 5xx and a text), or the end of the connection.

    `address` limits it to one sender or recipient; `times` None means always.
    """

    stage: Stage
    reply: str = "550 5.1.1 refused by the demo"
    drops: bool = False
    address: str | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One accepted message.

    `recipients` are the envelope's, in which bcc shows; `message` is as it was sent.
    """

    path: Path
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class Mailbox:
    """Where to send mail to, what has arrived, and what to refuse."""

    def __init__(self, directory: Path, host: str, port: int) -> None:
        self.directory = directory
        self.host = host
        self.port = port
        self._lock = Lock()

        self._refusals: list[Refusal] = []
        self._count = len(list(directory.glob("*.eml")))
        self.connections = 0
        #: By command, what is said in its place. GREETING and DOT (the end of a message) are
        #: commands, too; `MAIL2` is the second MAIL of a connection, `RCPT2` the second RCPT of a
        #: message.
        self.replies: dict[str, Reply] = {}
        #: The commands that came, of all connections, with DOT for the end of a message.
        self.heard: list[str] = []
        #: How clients called themselves in EHLO or HELO.
        self.greeted_as: list[str] = []

    def reply(self, command: str, number: int = 0) -> Reply | None:
        """Return what is said in place of the own answer to the `number`th command of its kind."""
        return self.replies.get(f"{command}{number}", self.replies.get(command))

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Message-ID and recipient of everything that was taken, also if the sender cannot know."""
        found = []
        for received in self.messages():
            identity = str(received.message["Message-ID"])

            for recipient in received.recipients:
                found.append((identity, recipient))

        return found

    def messages(self) -> list[Received]:
        """All messages in the directory, oldest first."""
        found = []

        for path in sorted(self.directory.glob("*.eml")):
            found.append(_read(path))

        return found

    def refuse(self, *refusals: Refusal) -> None:
        with self._lock:
            self._refusals.extend(refusals)

    def accept_all(self) -> None:
        with self._lock:
            self._refusals.clear()

    def take(self, stage: Stage, address: str | None = None) -> Refusal | None:
        """The first refusal that applies, used up by one."""
        with self._lock:
            for position, refusal in enumerate(self._refusals):
                if refusal.stage is stage and refusal.address in (None, address):
                    self._use_up(position, refusal)
                    return refusal

            return None

    def store(self, envelope: Envelope) -> None:
        """Write the message under the next number, with the envelope in headers before it."""
        with self._lock:
            self._count += 1
            path = self.directory / f"{self._count:04d}.eml"

        lines = [
            f"{ENVELOPE_FROM}: {envelope.mail_from}",
            *(f"{ENVELOPE_TO}: {to}" for to in envelope.rcpt_tos),
        ]

        unfinished = path.with_suffix(".part")
        unfinished.write_bytes(
            "".join(f"{line}\r\n" for line in lines).encode() + (envelope.original_content or b"")
        )
        unfinished.rename(path)

    def _use_up(self, position: int, refusal: Refusal) -> None:
        if refusal.times is None:
            return

        if refusal.times > 1:
            self._refusals[position] = replace(refusal, times=refusal.times - 1)
        else:
            del self._refusals[position]


@contextmanager
def run_mailbox(
    directory: Path,
    *,
    port: int = 0,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
    size_limit_bytes: int = DATA_SIZE_DEFAULT,
) -> Iterator[Mailbox]:
    """Yield a mailbox on loopback; `directory` is created when missing and kept.

    `starttls` offers STARTTLS and requires it before a mail; `tls` speaks TLS from the start, as
    port 465 does. `login` is the one (user name, password) that is let in, and makes AUTH required.
    `size_limit_bytes` is announced in EHLO.
    """
    # At every AUTH aiosmtpd logs that it uses a part of itself that it has deprecated.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    directory.mkdir(parents=True, exist_ok=True)
    listener = listening_socket(ADDRESS, port)
    mailbox = Mailbox(directory, ADDRESS, listener.getsockname()[1])

    async def serve(ready: Callable[[], None], stopping: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        open_connections: set[asyncio.BaseTransport] = set()
        server = await loop.create_server(
            lambda: _Smtp(mailbox, open_connections, starttls, login, size_limit_bytes),
            sock=listener,
            ssl=tls,
        )

        ready()
        await stopping.wait()
        server.close()

        for transport in list(open_connections):
            transport.close()

        await server.wait_closed()

    with in_background(serve, "mailbox"):
        yield mailbox


class _Smtp(SMTP):
    """Counts and, at Stage.CONNECT, drops connections; the rest of the dialogue is aiosmtpd's."""

    def __init__(
        self,
        mailbox: Mailbox,
        open_connections: set[asyncio.BaseTransport],
        starttls: ssl.SSLContext | None,
        login: tuple[str, str] | None,
        size_limit_bytes: int,
    ) -> None:
        super().__init__(
            _Handler(mailbox, login),
            data_size_limit=size_limit_bytes,
            hostname="mailbox.example.invalid",
            ident="demo mailbox",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=_authenticator(login),
            auth_require_tls=starttls is not None,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

        self._mailbox = mailbox
        self._open_connections = open_connections
        self._greeting: str | None = None
        self._mails = 0
        self._recipients = 0

    async def scripted(self, command: str, number: int = 0) -> str | None:
        """Return what is to be said in place of the own answer; None for that answer."""
        self._mailbox.heard.append(command)
        reply = self._mailbox.reply(command, number)

        if callable(reply):
            # It may wait for the test; the other connections go on meanwhile.
            return await asyncio.get_running_loop().run_in_executor(None, reply)

        return reply

    async def say(self, reply: str) -> None:
        """Say it, or be silent, or close the connection."""
        if reply == SILENCE:
            await self._reader.read(1)

        if reply in (SILENCE, DROP):
            if self.transport:
                self.transport.close()
        else:
            await self.push(reply)

    async def push(self, status: AnyStr) -> None:
        # The first thing that is said is the greeting.
        greeting, self._greeting = self._greeting, None
        if greeting is None:
            await super().push(status)
        else:
            await super().push(greeting)

    async def _handle_client(self) -> None:
        self._greeting = await self.scripted("GREETING")
        self._mailbox.heard.remove("GREETING")

        if self._greeting in (SILENCE, DROP):
            await self.say(self._greeting)
            return

        await super()._handle_client()

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        self._mailbox.greeted_as.append(arg)
        reply = await self.scripted("EHLO")
        if reply is None:
            await super().smtp_EHLO(arg)
            return

        if self.session:
            self.session.host_name = arg
            self.session.extended_smtp = True
        await self.say(reply)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802
        await self._answer("HELO", super().smtp_HELO, arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        await self._answer("STARTTLS", super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self._answer("AUTH", super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        self._mails += 1
        self._recipients = 0
        await self._answer("MAIL", super().smtp_MAIL, arg, self._mails)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        self._recipients += 1
        await self._answer("RCPT", super().smtp_RCPT, arg, self._recipients)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        await self._answer("RSET", super().smtp_RSET, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._answer("DATA", super().smtp_DATA, arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        await self._answer("QUIT", super().smtp_QUIT, arg)

    async def _answer(
        self,
        command: str,
        own: Callable[[Any], Awaitable[None]],
        arg: str | None,
        number: int = 0,
    ) -> None:
        reply = await self.scripted(command, number)
        if reply is None:
            await own(arg)
        else:
            await self.say(reply)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_after_starttls = self.transport is not None
        self._open_connections.add(transport)
        super().connection_made(transport)

        if not is_after_starttls:
            self._mailbox.connections += 1
            if self._mailbox.take(Stage.CONNECT):
                transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._open_connections.discard(self.transport)
        super().connection_lost(error)


class _Handler:
    """The hooks that aiosmtpd calls by name; each answers one SMTP command."""

    def __init__(self, mailbox: Mailbox, login: tuple[str, str] | None) -> None:
        self._mailbox = mailbox
        self._login = login

    async def handle_MAIL(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        # aiosmtpd's own `auth_required` warns at every connection without STARTTLS, and here
        # warnings are errors.
        if self._login and not session.authenticated:
            return "530 5.7.0 Authentication required"

        if refused := self._refusal(server, Stage.SENDER, address):
            return refused

        envelope.mail_from = address
        envelope.mail_options.extend(options)

        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if refused := self._refusal(server, Stage.RECIPIENT, address):
            return refused

        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)

        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it so
        self,
        server: "_Smtp",
        _session: Session,
        envelope: Envelope,
    ) -> str:
        reply = await server.scripted("DOT")
        if reply is not None:
            return await self._scripted_end(server, envelope, reply)

        if refused := self._refusal(server, Stage.DATA, envelope.mail_from):
            return refused

        self._mailbox.store(envelope)
        self._refusal(server, Stage.ACCEPTED, envelope.mail_from)

        return "250 OK"

    async def _scripted_end(self, server: "_Smtp", envelope: Envelope, reply: str) -> str:
        # What is not refused may have been delivered, whatever the client hears.
        if not reply.startswith(("4", "5")):
            self._mailbox.store(envelope)

        if reply in (SILENCE, DROP):
            await server.say(reply)

        return reply

    def _refusal(self, server: SMTP, stage: Stage, address: str | None) -> str | None:
        refusal = self._mailbox.take(stage, address)
        if refusal and (refusal.drops or stage is Stage.ACCEPTED):
            cast("asyncio.Transport", server.transport).abort()

        return refusal.reply if refusal else None


def _authenticator(login: tuple[str, str] | None) -> Callable[..., AuthResult] | None:
    if login is None:
        return None

    def check(
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        given: LoginPassword,
    ) -> AuthResult:
        is_right = (given.login.decode(), given.password.decode()) == login
        return AuthResult(success=is_right, handled=False, auth_data=given.login)

    return check


def _read(path: Path) -> Received:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    sender, recipients = (
        str(message[ENVELOPE_FROM]),
        [str(to) for to in message.get_all(ENVELOPE_TO, [])],
    )

    del message[ENVELOPE_FROM], message[ENVELOPE_TO]
    return Received(path, sender, tuple(recipients), message)
