"""A headless Chromium that prints one page after the other, told what to do over two pipes.

It speaks the DevTools protocol on its file descriptors 3 and 4: messages of JSON that end with a
NUL. No port is open, so nobody else can give it orders, and no library is needed.

Source: docs/reference/outside-behaviour.md#chromium.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib.config import names

#: Of one read from the pipe; a report is less than a megabyte.
READ_BYTES = 1 << 20
#: Until a shell whose pipes were closed is killed.
STOP_TIMEOUT_S = 5.0
#: bash puts the pipes where Chromium expects them; dash knows no descriptor beyond 9.
PIPES_AT_3_AND_4 = 'exec "$@" 3<&{} 4>&{}'
#: A4 and margins of the style sheet, with what the page paints behind its text.
PRINT_OPTIONS = {
    "preferCSSPageSize": True,
    "printBackground": True,
    "generateTaggedPDF": True,
}

Message = dict[str, Any]


class ShellEnded(Exception):
    """The shell has ended."""


class ShellTooSlow(Exception):
    """The shell gave no answer in time."""


class ShellRefused(Exception):
    """The shell could not do what it was told."""


class PrintShell:
    """A running Chromium, for one thread. After an error it can only be stopped."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it. Raise OSError if that is not possible."""
        #: That it was told to print.
        self.pages = 0

        self._unread = b""
        self._last_id = 0
        self._deadline = 0.0

        self._profile = tempfile.TemporaryDirectory(
            prefix="report-chromium-",
            ignore_cleanup_errors=True,
        )

        read_by_shell, self._to_shell = os.pipe()
        self._from_shell, written_by_shell = os.pipe()

        places = PIPES_AT_3_AND_4.format(read_by_shell, written_by_shell)
        profile = f"--user-data-dir={self._profile.name}"

        try:
            # In the group of the drawing process, which ends with that.
            self._process = subprocess.Popen(
                ["bash", "-c", places, "bash", *command, "--remote-debugging-pipe", profile],
                env=names.without_secrets(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(read_by_shell, written_by_shell),
            )
        finally:
            os.close(read_by_shell)
            os.close(written_by_shell)

    @property
    def has_ended(self) -> bool:
        """Whether it has ended by itself."""
        return self._process.poll() is not None

    def print(self, page: Path, timeout_s: float) -> bytes:
        """Return the PDF of a file. Raise ShellEnded, ShellTooSlow or ShellRefused."""
        self.pages += 1
        self._deadline = time.monotonic() + timeout_s

        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

        self._call("Page.enable", session)
        self._call("Page.navigate", session, url=page.as_uri())
        self._wait_for("Page.loadEventFired")
        self._call(
            "Runtime.evaluate", session, expression="document.fonts.ready", awaitPromise=True
        )

        printed = self._call("Page.printToPDF", session, **PRINT_OPTIONS)
        self._call("Target.closeTarget", targetId=target)

        return base64.b64decode(printed["data"])

    def stop(self) -> int:
        """End it, whatever it is doing, and remove its profile; return its exit code."""
        # Without its pipes it ends.
        for pipe in (self._to_shell, self._from_shell):
            with suppress(OSError):
                os.close(pipe)

        try:
            code = self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            _kill(self._process)
            code = self._process.wait()

        self._profile.cleanup()

        return code

    def _call(
        self,
        method: str,
        session: str | None = None,
        **parameters: Any,
    ) -> Message:
        """Return what the shell answers."""
        self._last_id += 1
        message: Message = {"id": self._last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session

        try:
            os.write(self._to_shell, json.dumps(message).encode() + b"\0")
        except BrokenPipeError:
            raise ShellEnded from None

        while True:
            answer = self._receive()

            if answer.get("id") == self._last_id:
                break

        if "error" in answer:
            raise ShellRefused(method)

        result: Message = answer["result"]
        return result

    def _wait_for(self, event: str) -> None:
        while self._receive().get("method") != event:
            pass

    def _receive(self) -> Message:
        """Return the next message that says nothing of a page's end."""
        while b"\0" not in self._unread:
            self._unread += self._read()

        text, _, self._unread = self._unread.partition(b"\0")
        message: Message = json.loads(text)

        if message.get("method") in ("Inspector.targetCrashed", "Target.targetCrashed"):
            raise ShellEnded

        return message

    def _read(self) -> bytes:
        left_s = max(0.0, self._deadline - time.monotonic())
        readable, _, _ = select.select([self._from_shell], [], [], left_s)
        if not readable:
            raise ShellTooSlow

        data = os.read(self._from_shell, READ_BYTES)
        if not data:
            raise ShellEnded

        return data


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it and its children: what is called Chromium may be a script that waits for one.

    Their own children end when they have lost them.
    """
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    pids = [process.pid]

    with suppress(OSError):
        pids += map(int, children.read_text(encoding="ascii").split())

    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
