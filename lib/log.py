"""The only logger: loguru with a closed list of fields.

One JSON object a line on stdout, and in JSON_LOG_FILE; on a terminal the same events for people.
Nothing else can be logged: an exception becomes its `errors.describe`, any other value must be one
of `Fields`.

Source: docs/reference/contract.md#log-lines.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from loguru import logger

from lib import commands, dates, errors, terminal
from lib.model import Finding, Phase, Status

if TYPE_CHECKING:
    from loguru import Record


class Fields(TypedDict, total=False):
    """The fields of an event besides its message. None of them may hold customer data."""

    store_code: str
    bucket: str
    report_date: date
    counts: Mapping[str, int]
    duration_ms: int
    path: Path
    error: BaseException


#: The fields of every event. A process runs one job, so all its threads share them.
_context: dict[str, str] = {
    "pipeline_name": "",
    "run_id": "",
    "phase": Phase.PREFLIGHT.value,
}


#: JOB_COMMAND: how commands in messages are written.
_job_command = [commands.DEFAULT]


class _OfThread(threading.local):
    """The phase of a thread that works for another one than the process is in; empty: the same."""

    phase = ""


_of_thread = _OfThread()


def start(
    *,
    pipeline_name: str,
    run_id: str,
    aside: bool = False,
) -> None:
    """Log to stdout from now on, and nowhere else; every event carries the two names.

    `aside` logs to stderr: stdout is for the document that the job was asked for.
    """
    logger.remove()
    logger.configure(patcher=_serialize)
    _context.update(
        pipeline_name=pipeline_name,
        run_id=run_id,
        phase=Phase.PREFLIGHT.value,
    )

    stream = sys.stderr if aside else sys.stdout
    logger.add(
        terminal.write_aside if aside else terminal.write,
        format=terminal.line if stream.isatty() else _json_line,
        level="INFO",
        # Both would print the values of local variables.
        backtrace=False,
        diagnose=False,
        colorize=False,
    )

    _redirect_library_messages()


def write_commands(job_command: str) -> None:
    """Write commands in messages as JOB_COMMAND says from now on, which is what people type."""
    _job_command[0] = job_command


def copy_to(file: Path, *, retention_days: int) -> None:
    """Also write every event to `file`, which only its owner can read.

    It is rotated daily and kept `retention_days`. Raise ConfigurationError if the file cannot be
    written, TemporaryError if there is no room for it.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        logger.add(
            file,
            format=_json_line,
            level="INFO",
            rotation="00:00",
            retention=f"{retention_days} days",
            backtrace=False,
            diagnose=False,
            opener=_private,
        )
    except OSError as error:
        what = f"JSON_LOG_FILE names {file}, which cannot be written ({error.strerror})"
        raise errors.of_machine(
            error,
            f"{what}; change the name or its directory",
        ) from error


def info(message: str, **fields: Unpack[Fields]) -> None:
    """Log a fact; no unit of work ended."""
    _emit("INFO", "info", message, fields)


def ok(message: str, **fields: Unpack[Fields]) -> None:
    """Log that a unit of work is done."""
    _emit("INFO", Status.OK, message, fields)


def warning(message: str, **fields: Unpack[Fields]) -> None:
    """Log what a person should read, although nothing is owed."""
    _emit("WARNING", Status.WARNING, message, fields)


def error(message: str, **fields: Unpack[Fields]) -> None:
    """Log what failed and is still owed."""
    _emit("ERROR", Status.ERROR, message, fields)


def ended(status: Status, message: str, **fields: Unpack[Fields]) -> None:
    """Log that a unit of work ended with `status`."""
    _emit(_LEVELS[status], status, message, fields)


def phase_ended(status: Status, note: str, *, duration_ms: int) -> None:
    """Log the end of the phase; a terminal shows `note` (`16/16 stores`) as its result."""
    message = f"{_context['phase']} ended: {status}"
    _emit(
        "INFO",
        "info",
        message,
        {"duration_ms": duration_ms},
        ending=(status, note),
    )


def found(finding: Finding) -> None:
    """Log a finding with its store and bucket; one that needs no reader is information."""
    fields: Fields = {}

    if finding.store_code:
        fields["store_code"] = finding.store_code

    if finding.bucket:
        fields["bucket"] = finding.bucket

    status = "info" if finding.severity is Status.OK else finding.severity
    _emit(_LEVELS[finding.severity], status, finding.text, fields)


_LEVELS = {Status.OK: "INFO", Status.WARNING: "WARNING", Status.ERROR: "ERROR"}


def catch_strays() -> None:
    """Log the errors of threads and destructors, whose data Python would print.

    For a whole process.
    """
    threading.excepthook = _report_thread
    sys.unraisablehook = _report_unraisable


@contextmanager
def phase(name: Phase) -> Iterator[None]:
    """Mark every event inside as belonging to the phase, also those of worker threads."""
    before = _context["phase"]
    _context["phase"] = name.value

    try:
        yield
    finally:
        _context["phase"] = before


@contextmanager
def phase_of_thread(name: Phase) -> Iterator[None]:
    """Mark what this thread logs inside as belonging to the phase, whichever the process is in."""
    before = _of_thread.phase
    _of_thread.phase = name.value

    try:
        yield
    finally:
        _of_thread.phase = before


@contextmanager
def run(run_id: str) -> Iterator[None]:
    """Give every event inside this `run_id`: a job may execute several runs."""
    before = _context["run_id"]
    _context["run_id"] = run_id

    try:
        yield
    finally:
        _context["run_id"] = before


def _emit(
    level: str,
    status: str,
    message: str,
    fields: Fields,
    *,
    ending: tuple[Status, str] | None = None,
) -> None:
    unknown = fields.keys() - Fields.__annotations__.keys()
    if unknown:
        raise TypeError(f"not a log field: {', '.join(sorted(unknown))}; lib.log.Fields lists them")

    # What loguru holds it also prints, whole and to stderr, when a sink fails: so it never holds an
    # exception.
    bound = logger.bind(
        status=str(status),
        fields=_plain(fields),
        ending=ending,
    )

    bound.log(level, "{}", commands.spelled(message, _job_command[0]))


def _plain(fields: Fields) -> dict[str, object]:
    plain: dict[str, object] = {}

    for name, value in fields.items():
        if isinstance(value, BaseException):
            plain["error_type"] = type(value).__name__
            plain["error"] = commands.spelled(errors.describe(value), _job_command[0])
        elif isinstance(value, Mapping):
            plain[name] = dict(value)
        else:
            plain[name] = value

    return plain


def _serialize(record: Record) -> None:
    """Put the event as JSON under `extra[json]`: fixed names first, then the fields that apply."""
    extra = record["extra"]

    event: dict[str, object] = {
        "ts": dates.iso_utc(record["time"], "milliseconds"),
        "level": record["level"].name.lower(),
        **_context,
        "phase": _of_thread.phase or _context["phase"],
        "status": extra["status"],
        "message": record["message"],
        **extra["fields"],
    }

    extra["event"] = event
    extra["json"] = json.dumps(event, ensure_ascii=False, default=str)


def _json_line(_: Record) -> str:
    return "{extra[json]}\n"


def _private(file: str, flags: int) -> int:
    descriptor = os.open(file, flags, 0o600)
    # An older file may be open to others.
    os.fchmod(descriptor, 0o600)

    return descriptor


class _LibraryMessages(logging.Handler):
    """Logs of a library's message only its sender: libraries quote what they were given."""

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        warning(f"the library {record.name} reports a problem ({level}, {record.funcName})")


def _redirect_library_messages() -> None:
    logging.basicConfig(
        handlers=[_LibraryMessages()],
        level=logging.WARNING,
        force=True,
    )

    # Python's own warnings then come from the logger py.warnings.
    logging.captureWarnings(True)

    # The caller of a retry logs it itself, with the store.
    logging.getLogger("stamina").setLevel(logging.CRITICAL)


def _report_thread(args: threading.ExceptHookArgs) -> None:
    error(
        "a thread died of an unexpected error; this is a bug",
        error=args.exc_value or args.exc_type(),
    )


def _report_unraisable(args: sys.UnraisableHookArgs) -> None:
    warning(
        "an error was lost while an object was removed",
        error=args.exc_value or args.exc_type(),
    )
