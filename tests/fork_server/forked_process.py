"""Drawing processes that are forked by the server: WeasyPrint is imported there.

A worker pool, of a job or of a test, is given them in the place of those that multiprocessing would start.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from lib.reports.render import drawing_process

LARGEST_BYTES = 1 << 20


class Requests:
    """The way from jobs to the server. Jobs have `outgoing`, the server has `incoming`."""

    def __init__(self) -> None:
        self.outgoing, self.incoming = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def fork(self) -> None:
        """Take a request and fork the process that it asks for."""
        request, handles, _, _ = socket.recv_fds(self.incoming, LARGEST_BYTES, 4)
        if not os.fork():
            _draw(request, handles)

        for handle in handles:
            os.close(handle)


class ForkedProcess:
    """What the worker pool uses of `multiprocessing.Process`."""

    outgoing: socket.socket | None = None
    pid: int | None = None

    def __init__(self, *, target: Any, args: tuple[Connection, Any, str], daemon: bool) -> None:
        assert daemon
        assert target is drawing_process._serve
        self._pipe, self._draw, self._directory = args
        self._life, self._theirs = socket.socketpair()

    def start(self) -> None:
        request = pickle.dumps((self._draw, self._directory, str(Path.cwd()), {**os.environ}))
        handles = [self._pipe.fileno(), self._theirs.fileno(), 1, 2]
        assert self.outgoing
        socket.send_fds(self.outgoing, [request], handles)
        # the only other one is the process's, so that ours sees its end
        self._theirs.close()
        self.pid = int(self._life.recv(100))

    def kill(self) -> None:
        assert self.pid
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def join(self) -> None:
        assert not self._life.recv(1)

    def close(self) -> None:
        self._life.close()


class Forking:
    """In the place of `multiprocessing` in the worker pool."""

    Pipe = staticmethod(Pipe)
    Process = ForkedProcess

    def get_context(self, method: str) -> Forking:
        assert method == "spawn"
        return self


def use(outgoing: socket.socket, change: Callable[[Any, str, Any], None] = setattr) -> None:
    """Have this process's worker pools take their processes from the server.

    `change` sets an attribute; a test's takes it back.
    """
    change(ForkedProcess, "outgoing", outgoing)
    change(drawing_process, "multiprocessing", Forking())
    # nothing that listens to a terminal
    change(drawing_process, "_start_out_of_reach", ForkedProcess.start)


def _draw(request: bytes, handles: list[int]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        pipe, life, out, errors = handles
        os.dup2(out, 1)
        os.dup2(errors, 2)
        draw, directory, cwd, environ = pickle.loads(request)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environ)
        os.write(life, str(os.getpid()).encode())
        drawing_process._serve(Connection(pipe), draw, directory)
        code = 0
    finally:
        os._exit(code)
