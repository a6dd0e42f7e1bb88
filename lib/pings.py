"""Tells a health-check service that a job began, succeeded or failed.

The only thing here is to never matter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from lib import log
from lib.errors import ExitCode

#: For one ping, everything included: what has no answer by then is left behind.
PATIENCE_S = 3.0


def watched(url: str | None, work: Callable[[], ExitCode]) -> ExitCode:
    """Return what `work` returns and raise what it raises; tell `url` before it and after it, if there is one.

    `/start` and `/fail` are put behind the address, success is the address itself: the way of
    healthchecks.io and of services like it. Whatever the service does, or does not, changes nothing
    but a log line.
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
    # A time-out of HTTP bounds each read, not the whole: a thread can be left behind whatever it
    # waits for.
    pinging = threading.Thread(target=_get, args=(url, answers), daemon=True, name="ping")
    pinging.start()
    pinging.join(PATIENCE_S)

    if not answers:
        log.warning(f"the health check did not answer within {PATIENCE_S:g} s")
    elif answers[0] >= 400:  # noqa: PLR2004 - HTTP: 4xx and 5xx are refusals
        log.warning(f"the health check answered with status {answers[0]}")


def _get(url: str, answers: list[int]) -> None:
    import httpx

    with suppress(Exception):
        answers.append(httpx.get(url, timeout=PATIENCE_S).status_code)
