"""The jobs of the demo: processes whose log lines are read as they come."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Self

from lib.errors import Interrupted

#: One log line, as docs/reference/jobs.md describes it.
Event = Mapping[str, Any]


class Jobs:
    """Starts jobs with one environment; whatever ends the block ends those that still run."""

    def __init__(self, environment: Mapping[str, str], hear: Callable[[Event, str], None]) -> None:
        """`hear` gets each event with its line, in the thread that called `run`."""
        self._environment = environment
        self._hear = hear
        self._running: set[subprocess.Popen[str]] = set()

        self._is_stopping = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_stopping = True
        for process in list(self._running):
            # One that heard Ctrl-C itself takes no notice of a second request.
            process.terminate()

        for process in list(self._running):
            process.wait()

    def run(self, name: str, *arguments: str) -> int:
        """Run `python -m jobs.<name>` to its end and return its exit code."""
        if self._is_stopping:
            raise Interrupted(f"stopped before {name}")

        command = [sys.executable, "-m", f"jobs.{name}", *arguments]
        process = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )

        self._running.add(process)
        assert process.stdout is not None

        for line in process.stdout:
            if not self._is_stopping:
                self._hear(json.loads(line), line)

        code = process.wait()
        self._running.discard(process)

        return code
