"""The strings behind the portal: its clock, its faults, its sessions, and what it has seen.

Safe across threads.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from demo.portal import latency
from demo.portal.faults import Endpoint, Fault, Host
from demo.portal.sessions import Sessions

INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that was received; `store` is the code as it was asked for."""

    host: Host
    endpoint: Endpoint
    store: str | None


class Control:
    """Everything a test switches or asserts while the portal runs.

    Faults are taken in the order they were added; every matching one applies, and a counted one is
    used up.
    """

    def __init__(
        self,
        *,
        today: date | None = None,
        latency_s: float = 0,
    ) -> None:
        self._lock = Lock()
        self._today = today
        self._latency_s = latency_s
        self._time_scale = 0.0
        self._session_lock = False

        self._faults: list[Fault] = []
        self._seen: list[Seen] = []
        self._in_flight: Counter[Host] = Counter()
        self._high_water: Counter[Host] = Counter()

        self.sessions = Sessions()

    @property
    def today(self) -> date:
        """The portal's day in India; its dashboards are about the day before."""
        return self._today or datetime.now(INDIA).date()

    def set_today(self, today: date | None) -> None:
        """None: the real date."""
        self._today = today

    @property
    def latency_s(self) -> float:
        return self._latency_s

    def set_latency(self, latency_s: float) -> None:
        """Seconds that every request takes before its answer begins."""
        self._latency_s = latency_s

    def set_real_latencies(self, time_scale: float) -> None:
        """Answers take as long as the real portal's, times `time_scale`; 0: no such wait."""
        self._time_scale = time_scale

    def latency_of(
        self,
        endpoint: Endpoint,
        store: str | None,
    ) -> float:
        """Seconds that a request takes before its answer begins."""
        return self._latency_s + self._time_scale * latency.seconds(endpoint, store)

    @property
    def session_lock(self) -> bool:
        return self._session_lock

    def set_session_lock(self, session_lock: bool) -> None:
        """Whether a TMS session is served one request at a time, in the order of arrival.

        As PHP does it: a request holds its session until its work is done, also when its client
        has left, and also when it left while the request was waiting.
        """
        self._session_lock = session_lock

    def set_one_tms_session(self, one_tms_session: bool) -> None:
        """Whether a new TMS session ends the earlier ones."""
        with self._lock:
            self.sessions.is_one_tms_session = one_tms_session

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """No more faults; sessions, clock and counters stay."""
        with self._lock:
            self._faults.clear()

    def faults(self) -> list[Fault]:
        """What is still to come, `times` counted down."""
        with self._lock:
            return list(self._faults)

    def take(
        self,
        endpoint: Endpoint,
        store: str | None,
    ) -> list[Fault]:
        """The faults of one request, each used up by one."""
        with self._lock:
            taken = []

            for fault in self._faults:
                if fault.strikes(
                    endpoint,
                    store,
                ):
                    taken.append(fault)

            self._faults = [
                left
                for fault in self._faults
                if (
                    left := _after(
                        fault,
                        fault in taken,
                    )
                )
            ]

            return taken

    def log_in(self) -> str:
        """A new Simplify session id."""
        with self._lock:
            return self.sessions.log_in()

    def open_tms(self) -> str:
        """A new TMS session id, without a hop."""
        with self._lock:
            return self.sessions.open_tms()

    def expire_tms(self) -> None:
        """Every TMS session ends now."""
        with self._lock:
            self.sessions.expire_tms()

    def expire_tms_after(self, requests: int) -> None:
        """Every TMS session ends, once, when so many more requests have been let in."""
        with self._lock:
            self.sessions.tms_requests_left = requests

    def expire_simplify(self) -> None:
        with self._lock:
            self.sessions.expire_simplify()

    @contextmanager
    def request(self, seen: Seen) -> Iterator[None]:
        """Notes a request and counts it as in flight until its answer has gone out."""
        with self._lock:
            self._seen.append(seen)
            self._in_flight[seen.host] += 1
            self._high_water[seen.host] = max(
                self._high_water[seen.host],
                self._in_flight[seen.host],
            )

        try:
            yield
        finally:
            with self._lock:
                self._in_flight[seen.host] -= 1

    def history(self) -> list[Seen]:
        """All requests since the start or the last `reset_counters`, in the order of arrival."""
        with self._lock:
            return list(self._seen)

    def requests(
        self,
        endpoint: Endpoint | None = None,
        store: str | None = None,
    ) -> int:
        """How many requests there were, of this kind and store when given."""
        return sum(
            endpoint in (None, seen.endpoint) and store in (None, seen.store)
            for seen in self.history()
        )

    @property
    def login_submissions(self) -> int:
        return self.requests(Endpoint.SUBMIT)

    @property
    def hops(self) -> int:
        return self.requests(Endpoint.HOP)

    def high_water(self, host: Host) -> int:
        """The most requests that were in flight at one moment."""
        with self._lock:
            return self._high_water[host]

    def reset_counters(self) -> None:
        with self._lock:
            self._seen.clear()
            self._high_water = Counter(self._in_flight)


def _after(fault: Fault, taken: bool) -> Fault | None:
    if not taken or fault.times is None:
        return fault

    return replace(fault, times=fault.times - 1) if fault.times > 1 else None
