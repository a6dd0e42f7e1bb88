"""Pings to a health-check service: a job began, succeeded or failed.

Whatever the service does, the job's result stays the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from lib import log
from lib.errors import ExitCode

#: For one ping, everything included; then the job goes on without its answer.
TIMEOUT_S = 3.0


def watched(url: str | None, work: Callable[[], ExitCode]) -> ExitCode:
    """Return what `work` returns, or raise what it raises, with a ping of `url` before and after.

    `/start` and `/fail` are put behind the address, success is the address itself: the way of
    healthchecks.io and of services like it. A service that does not answer changes nothing but a
    log line.
    """
    if not url:
        return work()

    _ping(f"{url}/start")
    code = None

    try:
        code = work()
        return code
    finally:
        _ping(url if code is ExitCode.OK else f"{url}/fail")


def _ping(url: str) -> None:
    answers: list[int] = []
    # A time-out of HTTP bounds each read, not the whole; a thread need not be waited for.
    pinging = threading.Thread(
        target=_get,
        args=(url, answers),
        daemon=True,
        name="ping",
    )

    pinging.start()
    pinging.join(TIMEOUT_S)

    if not answers:
        log.warning(f"the health check did not answer within {TIMEOUT_S:g} s")
    elif answers[0] >= 400:  # noqa: PLR2004 - HTTP: 4xx and 5xx are refusals
        log.warning(f"the health check answered with status {answers[0]}")


def _get(url: str, answers: list[int]) -> None:
    import httpx

    with suppress(Exception):
        answers.append(httpx.get(url, timeout=TIMEOUT_S).status_code)
