"""A stop by signal (SIGTERM, SIGINT, SIGHUP) ends the process in time, whatever it waits for.

1. The first signal raises Interrupted in the main thread, which stores what is owed.
2. What cannot be interrupted (a statement at the database, a read in a thread) is cancelled after
   CANCEL_AFTER_S.
3. After EXIT_AFTER_S the process exits without it: `docker stop` kills after 10 s.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from lib.errors import ExitCode, Interrupted

CANCEL_AFTER_S = 4.0
EXIT_AFTER_S = 8.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_cancels: list[Callable[[], object]] = []


class _Requests:
    """State of the signal handler and of `deferred_signals`; both run in the main thread."""

    deferred = False
    received: int | None = None
    #: Called, in the main thread, when a stop is deferred.
    on_request: Callable[[], object] | None = None


def on_timeout(cancel: Callable[[], object]) -> None:
    """Have `cancel` called, in another thread, CANCEL_AFTER_S after a stop."""
    _cancels.append(cancel)


def end_silently() -> None:
    """Have Ctrl-C end the process at once and without a traceback, until `listen` is called.

    Until then no work has begun that could be owed.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def listen() -> None:
    """Handle stop signals from now on. Only for the main thread of a job's process."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python's handlers wait until the main thread returns from a library in C; the file is written
    # to at once.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(
        target=_watch,
        args=(reader,),
        daemon=True,
        name="stop",
    ).start()

    for number in _SIGNALS:
        # `nohup` starts a process with SIGHUP ignored: it is to outlive its terminal.
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


@contextmanager
def deferred_signals(on_request: Callable[[], object] | None = None) -> Iterator[None]:
    """Defer a stop until the block is done: Interrupted is raised at its end.

    Also where the block ends with an error, which is then the cause of the Interrupted. Blocks do
    not nest. `on_request` is called when a stop comes, in the signal's handler: it should make the
    block end soon.
    """
    _Requests.deferred = True
    _Requests.on_request = on_request

    try:
        yield
    except BaseException as error:
        _carry_out(error)
        raise

    _carry_out(None)


def is_requested() -> bool:
    """Return True if a stop waits for the end of a block of `deferred_signals`."""
    return _Requests.received is not None


def exit_now(code: int) -> NoReturn:
    """End the process at once with `code`, without waiting for threads."""
    for stream in (sys.stdout, sys.stderr):
        # A closed terminal cannot be written to.
        with suppress(OSError):
            stream.flush()

    os._exit(code)


def _interrupt(number: int, _frame: object) -> None:
    # The first signal stops the work; a second one must not keep what is owed from being stored.
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)

    if _Requests.deferred:
        _Requests.received = number
        if _Requests.on_request is not None:
            _Requests.on_request()
    else:
        raise _stopped_by(number)


def _carry_out(cause: BaseException | None) -> None:
    """Stop deferring, and raise Interrupted for a signal that came meanwhile."""
    _Requests.deferred = False
    _Requests.on_request = None

    number = _Requests.received

    if number is not None:
        _Requests.received = None
        raise _stopped_by(number) from cause


def _stopped_by(number: int) -> Interrupted:
    return Interrupted(
        f"stopped by {signal.Signals(number).name}; the next run does what is still owed"
    )


def _watch(reader: int) -> None:
    while os.read(reader, 1)[0] not in _SIGNALS:
        pass

    time.sleep(CANCEL_AFTER_S)

    for cancel in _cancels:
        cancel()

    time.sleep(EXIT_AFTER_S - CANCEL_AFTER_S)
    os._exit(ExitCode.TEMPORARY)
