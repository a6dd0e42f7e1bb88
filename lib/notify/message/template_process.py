"""Renders complex templates in a process of its own, with bounded time and memory."""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from lib import terminal
from lib.notify.message import templates
from lib.notify.message.templates import TemplateProblem

#: Of one rendering. The kernel ends the process then, also inside a multiplication of a million
#: digits.
CPU_S = 2.0
MEMORY_BYTES = 512 * 1024 * 1024
#: For the process to start and answer, on a machine that has no time for it.
PATIENCE_S = 120.0


def render(
    source: str,
    context: Mapping[str, Any],
    what: str,
) -> str:
    """Return what `templates.render` returns, in bounded time and memory.

    `context` holds plain values only. Raise TemplateProblem if the template cannot be rendered.
    """
    if templates.is_plain(source):
        return templates.render(source, context, what)

    text, problem = _renderer().answer(
        (
            source,
            dict(context),
            what,
        )
    )
    if problem:
        raise TemplateProblem(problem)

    return text


@cache
def _renderer() -> _Renderer:
    return _Renderer()


@dataclass
class _Renderer:
    """One process at a time, started when a template needs it and after one was ended."""

    _process: SpawnProcess | None = None
    _pipe: Connection | None = None
    #: Templates that had to be ended: the mail of every store would try them again.
    _too_expensive: set[str] = field(default_factory=set)

    def answer(self, request: tuple[str, dict[str, Any], str]) -> tuple[str, str]:
        """Return text and problem, one of them empty."""
        source, _, what = request
        if source not in self._too_expensive and (answer := self._asked(request)):
            return answer

        self._too_expensive.add(source)
        return "", f"the {what} template takes too much time or memory to render"

    def _asked(
        self,
        request: tuple[str, dict[str, Any], str],
    ) -> tuple[str, str] | None:
        """Return the answer of the process; None when it had to be ended."""
        try:
            pipe = self._pipe or self._started()
            pipe.send(request)

            if pipe.poll(PATIENCE_S):
                text, problem = pipe.recv()
                return text, problem
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass

        self.end()
        return None

    def _started(self) -> Connection:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(
            target=_serve,
            args=(theirs, CPU_S),
            daemon=True,
        )

        self._process.start()
        theirs.close()

        return self._pipe

    def end(self) -> None:
        """End the process, whatever it does. Idempotent."""
        if self._process and self._pipe:
            self._pipe.close()
            self._process.kill()
            self._process.join()
            self._process.close()

        self._process = None
        self._pipe = None


def _serve(pipe: Connection, cpu_s: float) -> None:
    """Answer each request with text and problem, one of them empty, until the pipe is closed."""
    terminal.mute()
    # Ctrl-C is for the parent to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    with suppress(EOFError):
        while True:
            source, context, what = pipe.recv()
            signal.setitimer(signal.ITIMER_PROF, cpu_s)

            try:
                answer = templates.render(source, context, what), ""
            except TemplateProblem as problem:
                answer = "", str(problem)

            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(answer)
