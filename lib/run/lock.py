"""The lock of a pipeline: one run at a time, and the rows of runs that were killed.

It is an advisory lock of PostgreSQL, which dies with its process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy.engine import Engine

from lib import dates
from lib.errors import TemporaryError
from lib.model import Pipeline
from lib.run import queries


class LockHeld(TemporaryError):
    """Another run of the same pipeline is at work; starting again after it finishes the rest."""


@contextmanager
def locked(engine: Engine, pipeline: Pipeline) -> Iterator[None]:
    """Hold the pipeline's lock; raise LockHeld, without waiting, if another process has it."""
    # Autocommit: a lock that is held for minutes must not hold a transaction open as well.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not queries.try_lock(connection, pipeline):
            raise LockHeld(_held(queries.holder(connection, pipeline), pipeline))

        try:
            yield
        finally:
            queries.unlock(connection, pipeline)


def close_killed(engine: Engine, pipeline: Pipeline, closed_by: str) -> list[str]:
    """Close the rows of killed runs as `error` and return their ids.

    Only while the pipeline's lock is held.
    """
    with engine.begin() as connection:
        return queries.close_killed(connection, pipeline, closed_by)


def close_if_killed(
    engine: Engine,
    pipeline: Pipeline,
    closed_by: str,
) -> list[str]:
    """Close the rows of killed runs, unless a run of the pipeline is at work; return their ids."""
    try:
        with locked(engine, pipeline):
            return close_killed(engine, pipeline, closed_by)
    except LockHeld:
        return []


def _held(holder: queries.Holder | None, pipeline: Pipeline) -> str:
    if holder is None:
        return f"another run of {pipeline} is starting or ending; start again in a minute"

    age = timedelta(seconds=int((dates.now() - holder.started_at).total_seconds()))
    return (
        f"run {holder.run_id} of {pipeline} is at work since {age}; start again after it has ended"
    )
