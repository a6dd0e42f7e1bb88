"""An SMTP server that fails exactly where it is told to: what the mail sink, a real server, cannot do."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
    "DATA": "354 go on",
    "DOT": "250 taken",
    "QUIT": "221 bye",
}


@dataclass
class Stub:
    """Where it listens and what it heard; `replies` maps a command (or GREETING, DOT) to what it answers."""

    port: int
    replies: Mapping[str, str]
    heard: list[str] = field(default_factory=list)
    connections: int = 0

    def converse(self, connection: socket.socket) -> None:
        self.connections += 1
        lines = connection.makefile("rb")
        if self._answer(connection, "GREETING"):
            for line in lines:
                word = line.split()[0].decode().upper() if line.strip() else ""
                self.heard.append(word)
                if not self._answer(connection, word):
                    break
                if word == "DATA" and self._reply(word).startswith("354") and not self._take_message(connection, lines):
                    break
        lines.close()

    def _take_message(self, connection: socket.socket, lines) -> bool:
        for line in lines:
            if line == b".\r\n":
                self.heard.append("DOT")
                return self._answer(connection, "DOT")
        return False

    def _reply(self, word: str) -> str:
        return self.replies.get(word, KIND.get(word, "250 ok"))

    def _answer(self, connection: socket.socket, word: str) -> bool:
        """Answer, and tell whether the conversation goes on."""
        reply = self._reply(word)
        if reply == SILENCE:
            connection.recv(1)
        if reply in (DROP, SILENCE):
            return False
        connection.sendall(f"{reply}\r\n".encode())
        return True


@contextmanager
def smtp_stub(**replies: str) -> Iterator[Stub]:
    """Yield a stub on loopback that answers kindly except for `replies`; its thread ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stub = Stub(listener.getsockname()[1], replies)
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
