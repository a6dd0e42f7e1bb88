"""Units of work run concurrently, each on its own: an error of one never stops another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

from lib.portal.site.errors import LoginRefused, PortalAway

Unit = TypeVar("Unit")
Value = TypeVar("Value")


def run_concurrently(
    units: Iterable[Unit],
    work: Callable[[Unit], Value],
    *,
    threads: int,
    on_early_exit: Callable[[], object],
) -> Generator[tuple[Unit, Value | Exception]]:
    """Yield every unit with the value of `work`, or with the error it raised, as they finish.

    After a PortalAway or LoginRefused no further unit is begun: the rest come with that error. At
    most two units a thread are begun or wait to be taken, so memory does not grow with their
    number. When the caller leaves early, `on_early_exit` is called, which should make the threads
    end soon.
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
            final: Exception | None = None

            for future in done:
                unit = running.pop(future)
                result = _result(future)

                if isinstance(result, (PortalAway, LoginRefused)):
                    final = result

                yield unit, result

            if final:
                yield from _rest(running, queue, final)
                break
    except BaseException:
        on_early_exit()
        # Not waited for: a slow portal must not keep a run that was asked to stop.
        pool.shutdown(wait=False, cancel_futures=True)
        raise

    pool.shutdown()


def _rest(
    running: dict[Future[Value], Unit],
    queue: Iterator[Unit],
    final: Exception,
) -> Iterator[tuple[Unit, Value | Exception]]:
    """Yield what still runs with its own result, and everything else with the `final` error."""
    for future, unit in running.items():
        if future.cancel():
            yield unit, final
            continue

        result = _result(future)
        yield unit, result

    for unit in queue:
        yield unit, final


def _result(future: Future[Value]) -> Value | Exception:
    try:
        return future.result()
    except Exception as error:  # noqa: BLE001 - handed on; the caller accounts for it
        return error
