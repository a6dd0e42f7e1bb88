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
    """What a job tells its scheduler. 75 and 78 are sysexits' TEMPFAIL and CONFIG.

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
    """An ending that we foresaw. Its text names the thing and the next step and is safe to log."""

    exit_code: ClassVar[ExitCode] = ExitCode.BUG


class UsageError(JobError):
    """The command line asks for something that does not exist or is not complete yet."""

    exit_code = ExitCode.USAGE


class TemporaryError(JobError):
    """Database, portal or SMTP out of reach, or another run holds the lock: running again may succeed."""

    exit_code = ExitCode.TEMPORARY


class ConfigurationError(JobError):
    """Running again cannot succeed before a person changes a setting, a credential or the schema."""

    exit_code = ExitCode.CONFIGURATION


class InvalidSettings(ConfigurationError):
    """The environment does not make a `Settings`; carries every problem, not the first."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(
            "invalid settings:\n" + "\n".join(f"  - {problem}" for problem in problems)
        )


class Interrupted(BaseException):
    """SIGTERM, SIGINT or SIGHUP asked the run to stop; what it owes is written down and a later run does it.

    Not an `Exception`, so that the isolation of stores, buckets and mails lets it pass, as with
    KeyboardInterrupt.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TEMPORARY


#: What passes when there is room again, or another disk.
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
#: What lasts until somebody changes who may write where.
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def exit_code(error: BaseException) -> ExitCode:
    """Return how a job ends that meets `error`: ours say so themselves, the machine's are no bugs, all others are."""
    if isinstance(error, JobError | Interrupted):
        return error.exit_code

    number = error.errno if isinstance(error, OSError) else None
    if number in EXHAUSTED or isinstance(error, MemoryError):
        return ExitCode.TEMPORARY

    return ExitCode.CONFIGURATION if number in FORBIDDEN else ExitCode.BUG


def of_machine(error: OSError, text: str) -> JobError:
    """Return `text` as the ending that the machine's `error` means: another start may help, or a person acts first."""
    return (
        TemporaryError(text) if exit_code(error) is ExitCode.TEMPORARY else ConfigurationError(text)
    )


def describe(error: BaseException) -> str:
    """Say what happened without quoting data.

    Only our own texts are trusted. Foreign ones quote what they were given (a database error its
    row, a parser its input, a client its URL), so of those only the kind is told, with the fixed
    words of the system or else the place.
    """
    if isinstance(error, JobError | Interrupted):
        return str(error)

    facts = _database_facts(getattr(error, "orig", None) or error) or _system_words(error)
    return (
        f"{type(error).__name__}: {facts}"
        if facts
        else f"{type(error).__name__} at {_place(error)}"
    )


def _database_facts(error: object) -> str:
    """SQLSTATE and the names of constraint, table and column: schema, never values."""
    if not (state := getattr(error, "pgcode", None)):
        return ""

    diagnostics = getattr(error, "diag", None)
    names = (
        getattr(diagnostics, f"{what}_name", None) for what in ("constraint", "table", "column")
    )

    return " ".join(["SQLSTATE", state, *(name for name in names if name)])


def _system_words(error: BaseException) -> str:
    """The operating system's or resolver's words for an OSError; libraries put words of their own there."""
    if not isinstance(error, OSError) or not error.strerror or not error.errno:
        return ""

    if type(error).__module__ in {"socket", "ssl"} or error.strerror == os.strerror(error.errno):
        return error.strerror

    return ""


def _place(error: BaseException) -> str:
    """The innermost line of ours, else of anybody."""
    frames = [
        (_shown_path(frame.filename), frame) for frame in traceback.extract_tb(error.__traceback__)
    ]
    if not frames:
        return "an unknown place"

    ours = [(path, frame) for path, frame in frames if "/" in path]
    path, frame = (ours or frames)[-1]

    return f"{frame.name} ({path}:{frame.lineno})"


def _shown_path(filename: str) -> str:
    """The path inside this project; of foreign files only the name."""
    path = Path(filename)
    inside = path.is_relative_to(_PROJECT) and "site-packages" not in path.parts

    return path.relative_to(_PROJECT).as_posix() if inside else path.name
