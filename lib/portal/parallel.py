"""Units of work side by side, each on its own: what happens to one is told and never stops another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from lib.portal.site.errors import LoginRefused, PortalAway

Unit = TypeVar("Unit")
Value = TypeVar("Value")


def each(
    units: Iterable[Unit],
    work: Callable[[Unit], Value],
    *,
    threads: int,
    abandon: Callable[[], object],
) -> Iterator[tuple[Unit, Value | Exception]]:
    """Yield every unit with the value of `work`, or with the error it raised, as they finish.

    After a PortalAway or LoginRefused no further unit is begun: the rest come with that error. Not
    more units are begun or wait to be taken than threads and one more each, so memory does not grow
    with their number. When the caller leaves early, `abandon` is called, which should make the
    threads end soon.
    """
    queue = iter(units)
    running: dict[Future[Value], Unit] = {}
    pool = ThreadPoolExecutor(threads, thread_name_prefix="portal")

    try:
        while True:
            for unit in islice(queue, 2 * threads - len(running)):
                running[pool.submit(work, unit)] = unit

            if not running:
                break

            done, _ = wait(running, return_when=FIRST_COMPLETED)
            stopping = None

            for future in done:
                unit, result = running.pop(future), _result(future)
                stopping = result if isinstance(result, (PortalAway, LoginRefused)) else stopping
                yield unit, result

            if stopping:
                yield from _rest(running, queue, stopping)
                break
    except BaseException:
        abandon()
        pool.shutdown(
            wait=False, cancel_futures=True
        )  # a slow portal must not keep a run that was asked to stop
        raise

    pool.shutdown()


def _rest(
    running: dict[Future[Value], Unit], queue: Iterator[Unit], stopping: Exception
) -> Iterator[tuple[Unit, Value | Exception]]:
    for future, unit in running.items():
        if future.cancel():
            yield unit, stopping
            continue

        result = _result(future)
        yield unit, result

    for unit in queue:
        yield unit, stopping


def _result(future: Future[Value]) -> Value | Exception:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - isolated and handed on; the caller accounts for it
        return error
