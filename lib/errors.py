"""Every error with its exit code, and the only text about an error that may be logged."""

from __future__ import annotations

import errno
import os
import traceback
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

_PROJECT = Path(__file__).parents[1]


class ExitCode(IntEnum):
    """The exit codes of a job. 75 and 78 are TEMPFAIL and CONFIG of sysexits(3).

    Source: docs/reference/contract.md#exit-codes.
    """

    #: Complete, or nothing to do: no retry, no alert.
    OK = 0
    #: An unexpected error: retried, then alerted.
    BUG = 1
    #: A wrong command line: alerted, never retried.
    USAGE = 2
    #: Something is out of reach or still owed: running again finishes the rest.
    TEMPORARY = 75
    #: A person must change a setting, a secret or the schema first: alerted at once.
    CONFIGURATION = 78


class JobError(Exception):
    """An error with a text that names the thing and the next step, and is safe to log."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG


class UsageError(JobError):
    """The command line asks for something that does not exist or is not complete yet."""

    exit_code = ExitCode.USAGE


class TemporaryError(JobError):
    """Running again may succeed: something is out of reach, or another run holds the lock."""

    exit_code = ExitCode.TEMPORARY


class ConfigurationError(JobError):
    """A person must change a setting, a credential or the schema before it can succeed."""

    exit_code = ExitCode.CONFIGURATION


class InvalidSettings(ConfigurationError):
    """The environment does not make a `Settings`; carries every problem, not the first."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        lines = []

        for problem in problems:
            lines.append(f"  - {problem}")

        super().__init__("\n".join(["invalid settings:", *lines]))


class Interrupted(BaseException):
    """SIGTERM, SIGINT or SIGHUP asked the run to stop.

    What it owes is stored, and a later run does it. Not an `Exception`, so that the isolation of
    stores, buckets and mails lets it pass, as with KeyboardInterrupt.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TEMPORARY


#: Errors that pass, so running again helps: a full disk, a disk that fails, no memory, too many
#: open files.
EXHAUSTED = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EIO,
        errno.ENOMEM,
        errno.EMFILE,
        errno.ENFILE,
        errno.EAGAIN,
        errno.ESTALE,
    }
)
#: Errors that last until somebody changes who may write where.
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code of a job that ends with `error`.

    Our own errors carry it; a lack of room or of permissions is no bug; any other error is.
    """
    if isinstance(error, JobError | Interrupted):
        return error.exit_code

    number = error.errno if isinstance(error, OSError) else None

    if number in EXHAUSTED or isinstance(error, MemoryError):
        return ExitCode.TEMPORARY

    if number in FORBIDDEN:
        return ExitCode.CONFIGURATION

    return ExitCode.BUG


def of_machine(error: OSError, text: str) -> JobError:
    """Return an error of ours with `text`: temporary if the operating system's `error` passes."""
    if exit_code(error) is ExitCode.TEMPORARY:
        return TemporaryError(text)

    return ConfigurationError(text)


def describe(error: BaseException) -> str:
    """Return what happened, without any data that the error quotes.

    Only our own texts are trusted. Those of libraries quote what they were given (a database error
    its row, a parser its input, a client its URL), so of those only the kind is used, with the
    fixed words of the system or else the place.
    """
    if isinstance(error, JobError | Interrupted):
        return str(error)

    kind = type(error).__name__
    driver_error = getattr(error, "orig", None) or error
    facts = _database_facts(driver_error) or _system_words(error)

    return f"{kind}: {facts}" if facts else f"{kind} at {_place(error)}"


def _database_facts(error: object) -> str:
    """Return SQLSTATE and the names of constraint, table and column: schema, never values."""
    state = getattr(error, "pgcode", None)
    if not state:
        return ""

    diagnostics = getattr(error, "diag", None)
    parts = ["SQLSTATE", state]

    for field in ("constraint_name", "table_name", "column_name"):
        name = getattr(diagnostics, field, None)
        if name:
            parts.append(name)

    return " ".join(parts)


def _system_words(error: BaseException) -> str:
    """Return the operating system's or resolver's words for an OSError, never a library's."""
    if not isinstance(error, OSError) or not error.strerror or not error.errno:
        return ""

    if type(error).__module__ in {"socket", "ssl"} or error.strerror == os.strerror(error.errno):
        return error.strerror

    return ""


def _place(error: BaseException) -> str:
    """Return the innermost line of this project, else of any file."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"

    # Only a path inside the project is shown with its folders.
    ours = [frame for frame in frames if "/" in _shown_path(frame.filename)]
    frame = (ours or frames)[-1]

    return f"{frame.name} ({_shown_path(frame.filename)}:{frame.lineno})"


def _shown_path(filename: str) -> str:
    """Return the path inside this project; of any other file only the name."""
    path = Path(filename)
    inside = path.is_relative_to(_PROJECT) and "site-packages" not in path.parts

    return path.relative_to(_PROJECT).as_posix() if inside else path.name
