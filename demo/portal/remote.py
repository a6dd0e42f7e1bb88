"""The portal in a process of its own: what a bench measures shares no interpreter with it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from demo.portal.faults import Fault
from demo.portal.server import job_settings
from demo.portal.world import World

STOP_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class RemoteControl:
    """Control's commands by HTTP; each returns the state afterwards (see steering.state_of)."""

    url: str

    def state(self) -> dict[str, Any]:
        return _json(httpx.get(self.url))

    def add(self, *faults: Fault) -> dict[str, Any]:
        return self._run("add", faults=[fault.as_json() for fault in faults])

    def clear(self) -> dict[str, Any]:
        return self._run("clear")

    def set_today(self, today: date | None) -> dict[str, Any]:
        return self._run("set_today", today=today.isoformat() if today else None)

    def set_latency(self, latency_s: float) -> dict[str, Any]:
        return self._run("set_latency", latency_s=latency_s)

    def set_real_latencies(self, time_scale: float) -> dict[str, Any]:
        return self._run("set_real_latencies", value=time_scale)

    def set_session_lock(self, session_lock: bool) -> dict[str, Any]:
        return self._run("set_session_lock", value=session_lock)

    def expire_tms(self) -> dict[str, Any]:
        return self._run("expire_tms")

    def expire_tms_after(self, requests: int) -> dict[str, Any]:
        return self._run("expire_tms_after", requests=requests)

    def expire_simplify(self) -> dict[str, Any]:
        return self._run("expire_simplify")

    def reset_counters(self) -> dict[str, Any]:
        return self._run("reset_counters")

    def storage_state(self, *, tms: bool = True) -> dict[str, Any]:
        return self._run("storage_state", tms=tms)

    def _run(self, command: str, **arguments: Any) -> dict[str, Any]:
        return _json(httpx.post(self.url, json={"command": command, **arguments}))


@dataclass(frozen=True, slots=True)
class RemotePortal:
    """As RunningPortal, but its control speaks HTTP."""

    base_url: str
    tms_base: str
    username: str
    password: str
    world: World
    control: RemoteControl
    #: Of the simulator's process, whose costs are not those of what is measured.
    pid: int

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point a job at this portal."""
        return job_settings(
            self.base_url,
            self.tms_base,
            self.username,
            self.password,
            self.world.codes,
        )


@contextmanager
def spawn_portal(
    world: World | None = None,
    *,
    today: date | None = None,
    latency_s: float = 0,
    is_warm: bool = False,
) -> Iterator[RemotePortal]:
    """The portal in a child process for the length of the block.

    The child also ends when this process dies.
    """
    world = world or World()
    options = ["--latency-ms", str(latency_s * 1000)]
    options += ["--today", today.isoformat()] if today else []

    options += ["--warm"] if is_warm else []
    with subprocess.Popen(
        [*_command(world), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout

        try:
            at = json.loads(child.stdout.readline())
            control = RemoteControl(at.pop("control_url"))
            yield RemotePortal(**at, world=world, control=control, pid=child.pid)
        finally:
            child.stdin.close()
            child.wait(STOP_TIMEOUT_S)


def _command(world: World) -> list[str]:
    return [
        *(sys.executable, "-m", "demo.portal", "--until-stdin-closes"),
        *("--stores", str(world.stores), "--seed", str(world.seed)),
        *("--scale", str(world.scale), "--anomaly-rate", str(world.anomaly_rate)),
    ]


def _json(response: httpx.Response) -> dict[str, Any]:
    answer: dict[str, Any] = response.json()
    if response.is_error:
        raise ValueError(answer["error"])

    return answer
