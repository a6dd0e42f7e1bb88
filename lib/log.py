"""The only logger: loguru behind a door that lets a closed list of fields through.

One JSON object a line on stdout, and in JSON_LOG_FILE; on a terminal the same events for people.
What cannot be named here cannot be logged: an exception becomes its `errors.describe`, anything
else must be one of `Fields`.

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
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from loguru import logger

from lib import errors, terminal
from lib.model import Finding, Phase, Status

if TYPE_CHECKING:
    from loguru import Record


class Fields(TypedDict, total=False):
    """What an event may carry besides its message. None of them may hold customer data."""

    store_code: str
    bucket: str
    report_date: date
    counts: Mapping[str, int]
    duration_ms: int
    path: Path
    error: BaseException


#: What every event carries. A process runs one job, so it is the process's, shared by its threads.
_context: dict[str, str] = {"pipeline_name": "", "run_id": "", "phase": Phase.PREFLIGHT.value}


def start(*, pipeline_name: str, run_id: str, aside: bool = False) -> None:
    """Begin logging to stdout, replacing whatever was there; every later event carries the two names.

    `aside`: to stderr, because stdout is for the one document that the job was asked for.
    """
    logger.remove()
    logger.configure(patcher=_serialize)
    _context.update(pipeline_name=pipeline_name, run_id=run_id, phase=Phase.PREFLIGHT.value)

    shape = terminal.line if (sys.stderr if aside else sys.stdout).isatty() else _json_line
    write = terminal.write_aside if aside else terminal.write
    logger.add(write, format=shape, level="INFO", backtrace=False, diagnose=False, colorize=False)
    _take_over_foreign_messages()


def copy_to(file: Path, *, retention_days: int) -> None:
    """Also write every event to `file`, rotated daily, kept `retention_days`, readable by the owner only.

    Raises a ConfigurationError when the file cannot be written, a TemporaryError when there is no
    room for it.
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
        raise errors.of_machine(error, f"{what}; change the name or its directory") from error


def info(message: str, **fields: Unpack[Fields]) -> None:
    """Tell a fact on the way: nothing ended."""
    _emit("INFO", "info", message, fields)


def ok(message: str, **fields: Unpack[Fields]) -> None:
    """Tell that a unit of work is done."""
    _emit("INFO", Status.OK, message, fields)


def warning(message: str, **fields: Unpack[Fields]) -> None:
    """Tell what somebody should read, although nothing is owed."""
    _emit("WARNING", Status.WARNING, message, fields)


def error(message: str, **fields: Unpack[Fields]) -> None:
    """Tell what failed and is still owed."""
    _emit("ERROR", Status.ERROR, message, fields)


def ended(status: Status, message: str, **fields: Unpack[Fields]) -> None:
    """Tell that a unit of work ended with `status`."""
    _emit(_LEVELS[status], status, message, fields)


def phase_ended(status: Status, note: str, *, duration_ms: int) -> None:
    """Tell that the phase is over; on a terminal `note` (`16/16 stores`) says what came of it."""
    message = f"{_context['phase']} ended: {status}"
    _emit("INFO", "info", message, {"duration_ms": duration_ms}, ending=(status, note))


def found(finding: Finding) -> None:
    """Tell a finding with its store and bucket; what nobody need read is told as information."""
    fields: Fields = {}

    if finding.store_code:
        fields["store_code"] = finding.store_code

    if finding.bucket:
        fields["bucket"] = finding.bucket

    status = "info" if finding.severity is Status.OK else finding.severity
    _emit(_LEVELS[finding.severity], status, finding.text, fields)


_LEVELS = {Status.OK: "INFO", Status.WARNING: "WARNING", Status.ERROR: "ERROR"}


def catch_strays() -> None:
    """Also log what dies in a thread or a destructor, of which Python would print the data.

    For a whole process.
    """
    threading.excepthook = _report_thread
    sys.unraisablehook = _report_unraisable


@contextmanager
def phase(name: Phase) -> Iterator[None]:
    """Mark every event inside as belonging to the phase, also those of worker threads."""
    before, _context["phase"] = _context["phase"], name.value

    try:
        yield
    finally:
        _context["phase"] = before


@contextmanager
def run(run_id: str) -> Iterator[None]:
    """Let every event inside carry this `run_id`: a job may live several runs."""
    before, _context["run_id"] = _context["run_id"], run_id

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
    if unknown := fields.keys() - Fields.__annotations__.keys():
        raise TypeError(f"not a log field: {', '.join(sorted(unknown))}; lib.log.Fields lists them")

    # What loguru holds it also prints, whole and to stderr, when a sink fails: so it never holds an
    # exception.
    bound = logger.bind(status=str(status), fields=_told(fields), ending=ending)
    bound.log(level, "{}", message)


def _told(fields: Fields) -> dict[str, object]:
    told: dict[str, object] = {}

    for name, value in fields.items():
        if isinstance(value, BaseException):
            told["error_type"], told["error"] = type(value).__name__, errors.describe(value)
        else:
            told[name] = dict(value) if isinstance(value, Mapping) else value

    return told


def _serialize(record: Record) -> None:
    """Put the event's JSON object under `extra[json]`: fixed names first, then the fields that apply."""
    extra = record["extra"]
    event: dict[str, object] = {
        "ts": record["time"]
        .astimezone(UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z"),
        "level": record["level"].name.lower(),
        **_context,
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
    os.fchmod(descriptor, 0o600)  # an older file may be open to others

    return descriptor


class _Foreign(logging.Handler):
    """Libraries quote what they were given, so of their messages only the sender is told."""

    def emit(self, record: logging.LogRecord) -> None:
        warning(
            f"the library {record.name} reports a problem ({record.levelname.lower()}, {record.funcName})"
        )


def _take_over_foreign_messages() -> None:
    logging.basicConfig(handlers=[_Foreign()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)  # Python's own warnings come from the logger py.warnings
    logging.getLogger("stamina").setLevel(
        logging.CRITICAL
    )  # whoever asks again says so himself, and names the store


def _report_thread(args: threading.ExceptHookArgs) -> None:
    error(
        "a thread died of an unexpected error; this is a bug",
        error=args.exc_value or args.exc_type(),
    )


def _report_unraisable(args: sys.UnraisableHookArgs) -> None:
    warning(
        "an error was lost while an object was removed", error=args.exc_value or args.exc_type()
    )
