"""An SMTP server that fails exactly where it is told to: what the mail sink, a real server, cannot do."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

DROP = ""
"""Instead of a reply: the connection closes."""
SILENCE = "silence"
"""Instead of a reply: nothing, until the client gives up."""
KIND = {
    "GREETING": "220 stub",
    "EHLO": "250-stub\r\n250 SIZE 1000000",
    "HELO": "250 stub",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "DOT": "250 taken",
    "QUIT": "221 bye",
}
Reply = str | Callable[[], str]


@dataclass
class Stub:
    """Where it listens and what it heard.

    `replies` maps a command (or GREETING, DOT, or the second RCPT of a message as `RCPT2`, the second MAIL of a
    connection as `MAIL2`) to what it answers, or to what it does before it answers so.
    """

    port: int
    replies: Mapping[str, Reply]
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    connections: int = 0
    greeted_as: list[str] = field(default_factory=list)
    """What followed each EHLO."""
    messages: list[str] = field(default_factory=list)
    """Everything between DATA and the final dot, whatever became of it."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """Message-ID and recipient of everything that may have been delivered: its final dot came and was not refused."""

    def converse(self, connection: socket.socket) -> None:
        """Talk to one client to the end; what was opened for it is closed, however it leaves."""
        with ExitStack() as opened:
            self._converse(connection, opened)

    def _converse(self, connection: socket.socket, opened: ExitStack) -> None:
        self.connections += 1
        lines = opened.enter_context(connection.makefile("rb"))
        recipients: list[str] = []
        mails = 0
        if not _send(connection, self._reply("GREETING")):
            return
        while line := lines.readline():
            word = line.split()[0].decode().upper() if line.strip() else ""
            self.heard.append(word)
            if word == "EHLO":
                self.greeted_as.append(line.split()[1].decode())
            if word == "MAIL":
                recipients, mails = [], mails + 1
            if word == "RCPT":
                recipients.append(re.search(rb"<(.*)>", line)[1].decode())
            reply = self._reply(word, mails if word == "MAIL" else len(recipients))
            if word == "RCPT" and reply[:1] != "2":
                recipients[-1] = ""
            if not _send(connection, reply):
                break
            if word == "STARTTLS" and self.tls:
                lines.close()
                connection = opened.enter_context(
                    self.tls.wrap_socket(connection, server_side=True)
                )
                lines = opened.enter_context(connection.makefile("rb"))
            if (
                word == "DATA"
                and reply.startswith("354")
                and not self._take_message(connection, lines, recipients)
            ):
                break

    def _take_message(self, connection: socket.socket, lines, recipients: list[str]) -> bool:
        identity = ""
        text = []
        for line in lines:
            text.append(line.decode())
            if line.lower().startswith(b"message-id:"):
                identity = line.partition(b":")[2].strip().decode()
            if line == b".\r\n":
                self.heard.append("DOT")
                self.messages.append("".join(text))
                reply = self._reply("DOT")
                if not reply.startswith(("4", "5")):
                    self.taken += [(identity, recipient) for recipient in recipients if recipient]
                return _send(connection, reply)
        return False

    def _reply(self, word: str, number: int = 0) -> str:
        reply = self.replies.get(
            f"{word}{number}", self.replies.get(word, KIND.get(word, "250 ok"))
        )
        return reply if isinstance(reply, str) else reply()


def _send(connection: socket.socket, reply: str) -> bool:
    """Answer, and tell whether the conversation goes on."""
    if reply == SILENCE:
        connection.recv(1)
    if reply in (DROP, SILENCE):
        return False
    connection.sendall(f"{reply}\r\n".encode())
    return True


@contextmanager
def smtp_stub(tls: ssl.SSLContext | None = None, **replies: Reply) -> Iterator[Stub]:
    """Yield a stub on loopback that answers kindly except for `replies`; its thread ends with the block.

    With `tls` it can do STARTTLS, once its reply to EHLO offers it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stub = Stub(listener.getsockname()[1], replies, tls)
        worker = Thread(target=_serve, args=(listener, stub), name="smtp stub", daemon=True)
        worker.start()
        try:
            yield stub
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            worker.join(10)


def _serve(listener: socket.socket, stub: Stub) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                stub.converse(connection)
