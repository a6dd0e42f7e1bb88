"""The five faults, each really done: to the process, the server, the disk, a link.

Each is a context around the start that is disturbed. It says which variables the job needs so that
the fault can reach it, is told the job's log lines, strikes once, and is over when the block ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lib.drill import database_proxy, mail_server, portal_proxy, queries
from lib.drill.mail_server import MailServer
from lib.drill.model import Event, Fault, Plan
from lib.drill.scratch_database import ScratchDatabase
from lib.drill.small_disk import Ballast

#: How long the database refuses connections, as while it restarts.
OUTAGE_S = 5.0


@dataclass
class Strike:
    """Whether and when the fault struck."""

    #: Of `time.monotonic`; None: not yet.
    at_s: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self) -> bool:
        """Note that it strikes now; return False if it has struck already."""
        with self._lock:
            if self.at_s is not None:
                return False

            self.at_s = time.monotonic()
            return True


@dataclass(frozen=True)
class ArmedFault:
    """A fault that waits for its moment."""

    strike: Strike
    #: What the job's environment needs for it.
    environment: Mapping[str, str]
    hear: Callable[[Event, subprocess.Popen[str]], None]


@contextmanager
def armed(
    plan: Plan,
    scratch: ScratchDatabase,
    mails: MailServer,
    disk: Path,
) -> Iterator[ArmedFault]:
    """Yield the fault of the plan; what it took away is given back when the block ends."""
    makers = {
        Fault.KILL: lambda: _killed(plan),
        Fault.DATABASE: lambda: _without_database(plan, scratch),
        Fault.DISK: lambda: _full_disk(plan, disk),
        Fault.PORTAL: lambda: _without_portal(plan),
        Fault.MAIL: lambda: _cut_after_dot(plan, mails),
    }

    with makers[plan.fault]() as fault:
        yield fault


def _at_phase(
    plan: Plan,
    strike: Strike,
    do: Callable[[subprocess.Popen[str]], None],
) -> Callable[[Event, subprocess.Popen[str]], None]:
    """Return what does it behind the first log line of the plan's phase."""

    def hear(event: Event, process: subprocess.Popen[str]) -> None:
        if event.get("phase") == plan.phase and strike.note():
            do(process)

    return hear


@contextmanager
def _killed(plan: Plan) -> Iterator[ArmedFault]:
    strike = Strike()

    def do(process: subprocess.Popen[str]) -> None:
        os.kill(process.pid, signal.SIGKILL)

    yield ArmedFault(strike, {}, _at_phase(plan, strike, do))


@contextmanager
def _without_database(plan: Plan, scratch: ScratchDatabase) -> Iterator[ArmedFault]:
    """Do to the run what a restart of the server does.

    The server itself ends every session; whoever connects is refused until the outage is over.
    """
    strike = Strike()

    with database_proxy.database_proxy(scratch.url) as (listener, url):

        def do(_process: subprocess.Popen[str]) -> None:
            listener.refuse()

            with scratch.server.connect() as connection:
                queries.end_sessions(connection, scratch.name)

            # The length of the outage itself: nothing is waited for.
            time.sleep(OUTAGE_S)
            listener.come_back()

        yield ArmedFault(strike, {"DATABASE_URL": url}, _at_phase(plan, strike, do))


@contextmanager
def _full_disk(plan: Plan, disk: Path) -> Iterator[ArmedFault]:
    strike = Strike()
    ballast = Ballast(disk)

    def do(_process: subprocess.Popen[str]) -> None:
        ballast.fill()

    try:
        yield ArmedFault(strike, {}, _at_phase(plan, strike, do))
    finally:
        ballast.remove()


@contextmanager
def _without_portal(plan: Plan) -> Iterator[ArmedFault]:
    strike = Strike()

    with portal_proxy.portal_proxy(plan.nth, strike.note) as listener:
        yield ArmedFault(strike, portal_proxy.environment(listener), _ignore)


@contextmanager
def _cut_after_dot(plan: Plan, mails: MailServer) -> Iterator[ArmedFault]:
    strike = Strike()

    with mail_server.mail_proxy(mails, plan.nth, strike.note) as listener:
        environment = {"REPORT_EMAIL_SMTP_PORT": str(listener.port)}
        yield ArmedFault(strike, environment, _ignore)


def _ignore(_event: Event, _process: subprocess.Popen[str]) -> None:
    """A proxy strikes by itself."""
