"""Reads each PDF in a process of its own, with bounded time and memory.

What the process answers is JSON of bounded length: a file that took the process over could make it
say anything, and nothing but values of the expected kinds is taken from it.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import signal
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from lib import terminal
from lib.domain.report_form import ListKind
from lib.errors import TemporaryError
from lib.returns import form
from lib.returns.form import Unreadable
from lib.returns.model import Answer, FormRefusal, ReturnedForm, Said

#: Of one PDF; the largest report takes a twentieth of a second.
CPU_S = 10
MEMORY_BYTES = 768 * 1024 * 1024
#: For the process to start and answer, on a machine that has no time for it.
PATIENCE_S = 120.0
MAX_ANSWER_BYTES = 16 * 1024 * 1024
READY = b"ready"


class ReaderUnavailable(TemporaryError):
    """The process could not work; nothing is known about the PDF, which is read the next time."""


def read(content: bytes) -> ReturnedForm | FormRefusal:
    """Return what the form says, or why it is not read, in bounded time and memory.

    Raise ReaderUnavailable if this machine cannot start the process or has no time for it.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), daemon=True)

    try:
        process.start()
        theirs.close()
        _await(ours)
        ours.recv_bytes(len(READY))
    except (EOFError, OSError):
        _end(process, ours)
        raise ReaderUnavailable("the process that reads PDFs does not start here") from None

    try:
        ours.send_bytes(content)
        _await(ours)

        return _from_json(json.loads(ours.recv_bytes(MAX_ANSWER_BYTES)))
    except (EOFError, OSError):
        # Its limits or what it read ended it.
        return FormRefusal.TOO_EXPENSIVE
    except (ValueError, KeyError, TypeError):
        return FormRefusal.NO_PDF
    finally:
        _end(process, ours)


def _await(pipe: Connection) -> None:
    if not pipe.poll(PATIENCE_S):
        raise ReaderUnavailable(
            f"the process that reads PDFs has not answered for {PATIENCE_S:.0f} s"
        )


def _end(process: SpawnProcess, pipe: Connection) -> None:
    pipe.close()

    if process.pid is not None:
        process.kill()
        process.join()

    process.close()


def _serve(pipe: Connection) -> None:
    """Answer one PDF."""
    terminal.mute()
    # Ctrl-C is for the parent to handle.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    form.prepare()
    pipe.send_bytes(READY)
    content = pipe.recv_bytes()

    # Before the first look at it; no file can be written by whatever it does.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    try:
        answer = _to_json(form.read(content))
    except Unreadable as problem:
        answer = {"refusal": problem.refusal.name}
    except (MemoryError, RecursionError):
        answer = {"refusal": FormRefusal.TOO_EXPENSIVE.name}

    pipe.send_bytes(json.dumps(answer).encode())


def _to_json(read: ReturnedForm) -> dict[str, Any]:
    answers = []

    for one in read.answers:
        answers.append([one.kind, one.number, one.about, one.said, one.comment])

    return {
        "store_code": read.store_code,
        "report_on": read.report_on.isoformat(),
        "run_id": read.run_id,
        "answers": answers,
    }


def _from_json(value: dict[str, Any]) -> ReturnedForm | FormRefusal:
    """Return what was answered; raise ValueError, KeyError or TypeError if it is none of ours."""
    if "refusal" in value:
        return FormRefusal[value["refusal"]]

    answers = []

    for kind, number, about, said, comment in value["answers"]:
        answers.append(
            Answer(
                ListKind(kind),
                int(number),
                None if about is None else str(about),
                None if said is None else Said(said),
                None if comment is None else str(comment),
            )
        )

    return ReturnedForm(
        str(value["store_code"]),
        date.fromisoformat(value["report_on"]),
        str(value["run_id"]),
        tuple(answers),
    )
