"""Where every mail of a drill ends: a mail server on loopback that forwards nothing.

Of a mail it keeps the Message-ID and the envelope's recipients, which is what "no mail twice" is
judged by, and nothing else.
"""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from lib.drill.listener import ADDRESS, Listener, listening

_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE)
_PATH = re.compile(r":\s*<([^>]*)>")
#: Of a line, with room for those that are longer than the standard allows.
_MOST_LINE_BYTES = 64 * 1024

_REPLIES = {
    "HELO": b"250 drill\r\n",
    "EHLO": b"250-drill\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
    "MAIL": b"250 2.1.0 OK\r\n",
    "RCPT": b"250 2.1.5 OK\r\n",
    "DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    "RSET": b"250 2.0.0 OK\r\n",
    "NOOP": b"250 2.0.0 OK\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
}


class MailServer:
    """Takes every mail and counts it."""

    def __init__(self) -> None:
        #: By Message-ID and recipient, how often a mail was taken.
        self.taken: Counter[tuple[str, str]] = Counter()
        self.host = ADDRESS
        self.port = 0

    def serve(self, client: socket.socket, _track: Callable[[socket.socket], None]) -> None:
        """Speak with one client until it leaves."""
        client.sendall(b"220 drill ESMTP\r\n")
        recipients: list[str] = []

        with client.makefile("rb") as lines:
            while line := lines.readline(_MOST_LINE_BYTES):
                text = line.decode(errors="replace").strip()
                verb = text[:4].upper()

                if verb in {"MAIL", "RSET"}:
                    recipients.clear()

                if verb == "RCPT" and (path := _PATH.search(text)):
                    recipients.append(path[1])

                client.sendall(_REPLIES.get(verb, b"502 5.5.2 not here\r\n"))

                if verb == "DATA":
                    self._take(lines, recipients)
                    client.sendall(b"250 2.0.0 taken\r\n")

                if verb == "QUIT":
                    return

    def _take(self, lines: BinaryIO, recipients: list[str]) -> None:
        """Read a mail to its final dot and count it; one that is cut short is no mail.

        Raise ConnectionError for that.
        """
        message_id = ""
        is_header = True

        while (line := lines.readline(_MOST_LINE_BYTES)) != b".\r\n":
            if not line:
                raise ConnectionError("the client left in the middle of a mail")

            is_header = is_header and line != b"\r\n"
            if is_header and (found := _MESSAGE_ID.match(line)):
                message_id = found[1].decode(errors="replace")

        for recipient in recipients:
            self.taken[message_id, recipient] += 1


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Yield a mail server that listens on loopback."""
    server = MailServer()

    with listening(server.serve) as listener:
        server.port = listener.port
        yield server


class MailProxy:
    """Stands between the job and a mail server, and cuts the link once, after a final dot.

    The server has taken that mail then; the job never hears so.
    """

    def __init__(self, host: str, port: int, cut_at: int, on_cut: Callable[[], object]) -> None:
        """`cut_at` counts mails from 1, over all links."""
        self._upstream = (host, port)
        self._cut_at = cut_at
        self._on_cut = on_cut
        self._mails = 0

    def serve(self, client: socket.socket, track: Callable[[socket.socket], None]) -> None:
        """Hand on what both sides say, a command and a reply at a time."""
        with (
            socket.create_connection(self._upstream, timeout=30) as server,
            client.makefile("rb") as commands,
            server.makefile("rb") as replies,
        ):
            track(server)
            client.sendall(_reply(replies))

            while line := commands.readline(_MOST_LINE_BYTES):
                server.sendall(line)
                reply = _reply(replies)

                if not reply.startswith(b"354"):
                    client.sendall(reply)
                    continue

                client.sendall(reply)
                _hand_on_mail(commands, server)
                reply = _reply(replies)
                self._mails += 1

                if self._mails == self._cut_at:
                    self._on_cut()
                    return

                client.sendall(reply)


def _hand_on_mail(commands: BinaryIO, server: socket.socket) -> None:
    line = b""

    while line != b".\r\n":
        line = commands.readline(_MOST_LINE_BYTES)
        if not line:
            raise ConnectionError("the client left in the middle of a mail")

        server.sendall(line)


def _reply(replies: BinaryIO) -> bytes:
    """Return a whole reply, which may have several lines."""
    reply = b""

    while line := replies.readline(_MOST_LINE_BYTES):
        reply += line
        if line[3:4] != b"-":
            return reply

    raise ConnectionError("the mail server left")


@contextmanager
def mail_proxy(
    server: MailServer,
    cut_at: int,
    on_cut: Callable[[], object],
) -> Iterator[Listener]:
    """Yield a proxy before `server` that cuts the link after the final dot of a mail."""
    proxy = MailProxy(server.host, server.port, cut_at, on_cut)

    with listening(proxy.serve) as listener:
        yield listener
