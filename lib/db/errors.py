"""What the database refuses, each with its exit code."""

from __future__ import annotations

from lib.errors import ConfigurationError, TemporaryError


class DatabaseUnavailable(TemporaryError):
    """The server is away, full or busy; running again may succeed."""


class DatabaseRefused(ConfigurationError):
    """The server is there and does not let the job work.

    The user, the database or the password is wrong, a right or a table is missing, or what stands
    before the server cannot hold a session.
    """


class PendingMigration(ConfigurationError):
    """The schema is older than the code."""


class UnknownRevision(ConfigurationError):
    """The schema is newer than the code, or not ours."""
