"""Templates are programs: one that is more than plain runs in a process of its own, with bounded time and memory."""

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


def render(source: str, context: Mapping[str, Any], what: str) -> str:
    """Do as `templates.render`, in bounded time and memory. `context` holds plain values only."""
    if templates.is_plain(source):
        return templates.render(source, context, what)

    text, problem = _renderer().answer((source, dict(context), what))
    if problem:
        raise TemplateProblem(problem)

    return text


@cache
def _renderer() -> _Renderer:
    return _Renderer()


@dataclass
class _Renderer:
    """One process at a time, begun when a template needs it and again after one that had to be ended."""

    _process: SpawnProcess | None = None
    _line: Connection | None = None
    #: Templates that had to be ended: every store's mail would have them tried again.
    _hopeless: set[str] = field(default_factory=set)

    def answer(self, request: tuple[str, dict[str, Any], str]) -> tuple[str, str]:
        """Return text and problem, one of them empty."""
        source, _, what = request
        if source not in self._hopeless and (answer := self._asked(request)):
            return answer

        self._hopeless.add(source)
        return "", f"the {what} template takes too much time or memory to render"

    def _asked(self, request: tuple[str, dict[str, Any], str]) -> tuple[str, str] | None:
        """Return what the process says; None when it had to be ended."""
        try:
            line = self._line or self._begun()
            line.send(request)

            if line.poll(PATIENCE_S):
                text, problem = line.recv()
                return text, problem
        except (EOFError, BrokenPipeError, ConnectionResetError):
            pass

        self.end()
        return None

    def _begun(self) -> Connection:
        spawn = multiprocessing.get_context("spawn")
        self._line, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs, CPU_S), daemon=True)

        self._process.start()
        theirs.close()

        return self._line

    def end(self) -> None:
        """End the process, whatever it does. Idempotent."""
        if self._process and self._line:
            self._line.close()
            self._process.kill()
            self._process.join()
            self._process.close()

        self._process = self._line = None


def _serve(line: Connection, cpu_s: float) -> None:
    """Answer with text and problem, one of them empty, until nobody asks any more."""
    terminal.mute()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    with suppress(EOFError):
        while True:
            source, context, what = line.recv()
            signal.setitimer(signal.ITIMER_PROF, cpu_s)

            try:
                answer = templates.render(source, context, what), ""
            except TemplateProblem as problem:
                answer = "", str(problem)

            signal.setitimer(signal.ITIMER_PROF, 0)
            line.send(answer)
