"""A stop that is asked for (SIGTERM, SIGINT) ends the process in time, whatever it waits for.

The first request raises Interrupted in the main thread, which writes down what is owed. What cannot
be interrupted (a statement at the database, a read in a thread) is given CANCEL_AFTER_S to end by
itself, then it is cancelled, and after EXIT_AFTER_S the process leaves without it: `docker stop`
kills after 10 s.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from lib.errors import ExitCode, Interrupted

CANCEL_AFTER_S = 4.0
EXIT_AFTER_S = 8.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_cancels: list[Callable[[], object]] = []


class _Requests:
    """What the handler and the main thread tell each other; both run in the main thread."""

    held_back = False
    heard: int | None = None


def when_late(cancel: Callable[[], object]) -> None:
    """Have `cancel` called, from another thread, when the main thread does not come to its end in time."""
    _cancels.append(cancel)


def listen() -> None:
    """Begin to hear requests. Only in the main thread of a process that is ours."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    # Python's handlers wait until the main thread returns from a library in C; this file hears at
    # once.
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reader,), daemon=True, name="stop").start()

    for number in _SIGNALS:
        signal.signal(number, _interrupt)


@contextmanager
def held_back() -> Iterator[None]:
    """Let what belongs together happen as a whole: a request inside raises Interrupted when the block is done.

    Also where the block ends with an error, which is the cause of the Interrupted then. Blocks do
    not nest.
    """
    _Requests.held_back = True

    try:
        yield
    except BaseException as error:
        _carry_out(error)
        raise

    _carry_out(None)


def leave(code: int) -> NoReturn:
    """End the process at once with `code`, without waiting for threads; everything was said and written."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _interrupt(number: int, _frame: object) -> None:
    # The first request stops the work; a second one must not stop the writing down of what is owed.
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)

    if _Requests.held_back:
        _Requests.heard = number
    else:
        raise _stopped_by(number)


def _carry_out(cause: BaseException | None) -> None:
    """Let requests through again, and do as one said that came meanwhile."""
    _Requests.held_back = False
    if _Requests.heard is not None:
        number, _Requests.heard = _Requests.heard, None
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
