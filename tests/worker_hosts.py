"""Worker hosts for tests: the two services as processes, certificates, and pages to draw."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import trustme

from lib.config import DrawSettings
from lib.reports.render.pdf_check import Expected

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120.0
"""Of a process that should say something: only a hang reaches it."""


def certificates(directory: Path) -> tuple[Path, Path]:
    """Return files with a CA of its own and with a host's certificate and key."""
    authority = trustme.CA()
    ca, host = directory / "ca.pem", directory / "host.pem"
    directory.mkdir(parents=True, exist_ok=True)
    authority.cert_pem.write_to_path(ca)
    host.write_bytes(
        authority.issue_cert("host.example.invalid").private_key_and_cert_chain_pem.bytes()
    )
    host.chmod(0o600)
    return ca, host


def settings_of(
    scheduler: str, files: tuple[Path, Path], processes: int | None = None
) -> DrawSettings:
    return DrawSettings(f"tls://{scheduler}:8786", *files, processes)


def environment(draw: DrawSettings, scratch: Path) -> dict[str, str]:
    """Return the environment of a job that draws as `draw` says, and of nothing else."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(scratch),
        "DRAW_SCHEDULER": draw.scheduler,
        "DRAW_TLS_CA": str(draw.tls_ca),
        "DRAW_TLS_CERT": str(draw.tls_cert),
        "DRAW_PROCESSES": str(draw.processes or 0),
    }


STARTED: list[Service] = []


class Service:
    """A job that serves until it is stopped, with its log in a file."""

    def __init__(
        self,
        module: str,
        *flags: str,
        environ: dict[str, str],
        directory: Path,
        before: Sequence[str] = (),
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        STARTED.append(self)
        self.log = directory / f"{module.rpartition('.')[2]}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", module, *flags],
                cwd=directory,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def lines(self) -> list[dict[str, Any]]:
        """Return the whole lines of its log."""
        whole = self.log.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def messages(self) -> list[str]:
        """Return the messages of its log."""
        return [line["message"] for line in self.lines()]

    def wait_for(self, beginning: str, times: int = 1) -> None:
        """Wait for a message that begins so; AssertionError if the service ends before."""
        until = time.monotonic() + PATIENCE_S
        while sum(text.startswith(beginning) for text in self.messages()) < times:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.02)

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """Stop it as systemd does; return its exit code."""
        with suppress(ProcessLookupError):
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
        return self.process.wait(300)


def end_all() -> None:
    """End what a test has started and left: it may have failed in between."""
    while STARTED:
        service = STARTED.pop()
        if service.process.poll() is None:
            service.send(signal.SIGCONT)
            service.send(signal.SIGTERM)
        try:
            service.process.wait(60)
        except subprocess.TimeoutExpired:
            service.process.kill()
            service.process.wait()


def scheduler(
    draw: DrawSettings, address: str, directory: Path, before: Sequence[str] = ()
) -> Service:
    """Start a scheduler and return it once it serves."""
    service = Service(
        "jobs.draw_scheduler",
        *("--listen", address),
        environ=environment(draw, directory),
        directory=directory,
        before=before,
    )
    service.wait_for("hosts get their pages")
    return service


def worker(
    draw: DrawSettings,
    address: str,
    directory: Path,
    before: Sequence[str] = (),
    **more: str,
) -> Service:
    """Start a worker host's service and return it once it is ready to draw."""
    service = Service(
        "jobs.draw",
        *("--address", address),
        environ=environment(draw, directory) | more,
        directory=directory,
        before=before,
    )
    service.wait_for("ready to draw")
    return service


def expected(number: int = 0) -> Expected:
    return Expected("A668", "2025-11-14", f"run-{number}", frozenset())


def page(number: int = 0, rows: int = 1, words: str = "a line of the page") -> str:
    """Return a page that takes the longer the more rows it has: some 400 a second of a processor."""
    wanted = expected(number)
    metas = {"StoreCode": wanted.store_code, "Period": wanted.period, "RunId": wanted.run_id}
    head = "".join(f'<meta name="{name}" content="{value}"/>' for name, value in metas.items())
    body = "".join(f"<p>{row} {words}</p>" for row in range(rows))
    return (
        f'<html lang="en-IN"><head><title>A report</title>{head}</head><body>{body}</body></html>'
    )
