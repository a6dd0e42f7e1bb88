"""Asks the server to run a job; the first request starts the server."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
"""The server's own environment; that of a job is given with each request."""
# For a busy machine: a free one imports all jobs in some seconds.
START_TIMEOUT_S = 1800
END_TIMEOUT_S = 1800


class Running:
    """A job that runs; what it prints is read at its end."""

    def __init__(self, command: list[str], answer: socket.socket, printed: tuple[IO[bytes], ...]):
        self._command, self._answer, self._printed = command, answer, printed
        self._code: int | None = None
        self.pid = int(self._next(START_TIMEOUT_S))

    def wait(self, timeout_s: float) -> int:
        """Return the exit code; raise subprocess.TimeoutExpired if it runs on."""
        if self._code is None:
            self._code = int(self._next(timeout_s))
        return self._code

    def is_running(self) -> bool:
        """Return False if it has ended."""
        if self._code is not None:
            return False

        ended, _, _ = select.select([self._answer], [], [], 0)
        return not ended

    def send_signal(self, number: int) -> None:
        # its supervisor waits for it, so the number is nobody else's before the answer is there
        if self._code is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def output(self) -> list[str]:
        """Return what was printed until now, on stdout and on stderr."""
        found = []
        for file in self._printed:
            # by position: the job, which may still run, goes on where the file's offset is
            size = os.fstat(file.fileno()).st_size
            found.append(os.pread(file.fileno(), size, 0).decode())
        return found

    def close(self) -> None:
        """Kill it, if it still runs."""
        self._answer.close()
        for file in self._printed:
            file.close()

    def _next(self, timeout_s: float) -> bytes:
        self._answer.settimeout(timeout_s)
        try:
            said = self._answer.recv(100)
        except TimeoutError:
            raise subprocess.TimeoutExpired(self._command, timeout_s) from None

        if not said:
            raise RuntimeError(f"the fork server ended while it ran {self._command}")
        return said


@dataclass
class ForkServer:
    """A running server; its end of `requests` closes with this process, however that ends."""

    process: subprocess.Popen[bytes]
    requests: socket.socket
    pages: socket.socket
    """Where a worker pool of this process asks for drawing processes."""

    def run(
        self, module: str, arguments: Sequence[str], *, timeout_s: float, **how: Any
    ) -> subprocess.CompletedProcess[str]:
        """Do as `start`, and return how it ended and what it printed.

        Raise subprocess.TimeoutExpired, and kill it, if it takes longer than `timeout_s`.
        """
        with closing(self.start(module, arguments, **how)) as running:
            code = running.wait(timeout_s)
            return subprocess.CompletedProcess([module, *arguments], code, *running.output())

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        *,
        cwd: Path,
        environ: Mapping[str, str],
        stdin: IO[bytes] | None = None,
        is_strict: bool = False,
        is_drawn: bool = True,
    ) -> Running:
        """Start what `python -m module` runs.

        `is_strict` makes errors of warnings; without `is_drawn` a stand-in makes the reports' pages.
        """
        # A test that may start no process may not have one started either (tests/plugins/integration.py).
        sys.audit("subprocess.Popen", sys.executable, [module, *arguments], str(cwd), None)
        request = {
            "module": module,
            "arguments": list(arguments),
            "cwd": str(cwd),
            "environ": dict(environ),
            "is_strict": is_strict,
            "is_drawn": is_drawn,
        }
        # `Running` closes them
        printed = TemporaryFile(), TemporaryFile()  # noqa: SIM115
        answer, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        # their end must be the supervisor's alone: so its death is seen
        with theirs, Path(os.devnull).open("rb") as nothing:
            handles = [file.fileno() for file in (theirs, stdin or nothing, *printed)]
            socket.send_fds(self.requests, [json.dumps(request).encode()], handles)

        return Running([module, *arguments], answer, printed)

    def close(self) -> None:
        self.requests.close()
        self.pages.close()
        self.process.wait(END_TIMEOUT_S)


@cache
def server() -> ForkServer:
    """Return this process's server, which has imported everything by then."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fork_server", str(theirs.fileno())],
        cwd=ROOT,
        env={name: os.environ[name] for name in KEPT if name in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
        # Ctrl-C is for the tests, whose end is the server's
        start_new_session=True,
    )
    theirs.close()
    ours.settimeout(START_TIMEOUT_S)
    ready, handles, _, _ = socket.recv_fds(ours, 100, 1)
    if not ready:
        raise RuntimeError("the fork server ended while it started; its words are above")

    return ForkServer(process, ours, socket.socket(fileno=handles[0]))


def close() -> None:
    """End this process's server, if it has one."""
    if server.cache_info().currsize:
        server().close()
        server.cache_clear()
