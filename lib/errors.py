"""Every error with its exit code, and the only text about an error that may be logged."""

from __future__ import annotations

import traceback
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a job tells its scheduler (contract section 1; 75 and 78 are sysexits' TEMPFAIL and CONFIG)."""

    OK = 0
    """Complete, or nothing to do: no retry, no alert."""
    BUG = 1
    """An unexpected error: retried, then alerted."""
    USAGE = 2
    """A wrong command line: alerted, never retried."""
    TEMPORARY = 75
    """Something is out of reach or still owed: running again finishes the rest."""
    CONFIGURATION = 78
    """A person must change a setting, a secret or the schema first: alerted at once."""


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
        super().__init__("invalid settings:\n" + "\n".join(f"  - {problem}" for problem in problems))


class Interrupted(BaseException):
    """SIGTERM or SIGINT asked the run to stop; what it owes is written down and a later run does it.

    Not an `Exception`, so that the isolation of stores, buckets and mails lets it pass, as with KeyboardInterrupt.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.TEMPORARY


def describe(error: BaseException) -> str:
    """Say what happened without quoting data.

    Only our own texts are trusted. Foreign ones quote what they were given (a database error its row, a parser its
    input, a client its URL), so of those only the kind and the place are told.
    """
    if isinstance(error, JobError | Interrupted):
        return str(error)
    if (origin := getattr(error, "orig", None)) is not None:
        return f"{_kind(error)}: {_database_facts(origin)}"
    if isinstance(error, OSError) and error.strerror:
        return f"{_kind(error)}: {error.strerror}"
    return f"{_kind(error)} at {_place(error)}"


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _database_facts(origin: object) -> str:
    """SQLSTATE and the names of constraint, table and column: schema, never values."""
    diagnostics = getattr(origin, "diag", None)
    names = (getattr(diagnostics, f"{what}_name", None) for what in ("constraint", "table", "column"))
    state = getattr(origin, "pgcode", None) or type(origin).__name__
    return " ".join(["SQLSTATE", state, *(name for name in names if name)])


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "an unknown place"
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    frame = (ours or list(frames))[-1]
    return f"{frame.name} ({'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno})"
