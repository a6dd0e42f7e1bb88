"""How the database says no, each with its exit code."""

from __future__ import annotations

from lib.errors import ConfigurationError, TemporaryError


class DatabaseUnavailable(TemporaryError):
    """The server is away, full or busy; running again may succeed."""


class DatabaseRefused(ConfigurationError):
    """The server is there and rejects us: unknown user or database, wrong password, no access from this host."""


class PendingMigration(ConfigurationError):
    """The schema is older than the code."""


class UnknownRevision(ConfigurationError):
    """The schema is newer than the code, or not ours."""
