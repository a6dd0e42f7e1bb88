"""Whether a weekly or monthly report is a new version of an earlier one, and what it restates.

A report of unchanged figures is the version that it was, and restates what that one did: the same
data restate once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.dates import Period
from lib.domain import period_headline, restatement
from lib.domain.pipelines import PIPELINES
from lib.domain.restatement import Headline, Restated
from lib.model import RunRef
from lib.reports.documents import pdf_file
from lib.reports.period.wording import before_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from lib.reports.documents.queries import StoredVersion


@dataclass(frozen=True)
class Version:
    """Which version of its report a page is."""

    number: int
    restated: tuple[Restated, ...]
    #: The version whose place it takes; None for the first one, and for one made again as it was.
    replaces: StoredVersion | None = None


def version_of(
    engine: Engine,
    run: RunRef,
    period: Period,
    store_code: str,
    headline: Headline,
) -> Version:
    """Return the version of the report of a week or month with these figures."""
    from lib.reports.documents import queries

    with engine.connect() as connection:
        newest = queries.newest_version(connection, run.pipeline, period.last, store_code)

        if newest is not None and figures_of(newest.figures) == headline:
            return Version(newest.version, restatement.from_json(newest.restated))

        found = restatement.restated(
            headline,
            _mailed(connection, run, period, store_code),
            _mailed(connection, run, before_of(period, run.pipeline), store_code),
        )

    number = newest.version + 1 if newest else 1
    return Version(number, found, newest)


def keep(
    path: Path,
    version: StoredVersion,
) -> tuple[StoredVersion, Path] | None:
    """Keep the file of a version that is about to be replaced; None where it is gone."""
    kept = pdf_file.keep_version(path, version.version, version.checksum)
    return None if kept is None else (version, kept)


def figures_of(kept: Mapping[str, Any] | None) -> Headline | None:
    """Return the figures of a row; None where it has none of a week or month."""
    return period_headline.period_from_json(kept) or period_headline.combined_from_json(kept)


def _mailed(
    connection: Connection,
    run: RunRef,
    period: Period,
    store_code: str,
) -> Headline | None:
    from lib.reports.documents import queries

    name = PIPELINES[run.pipeline].file_name(store_code, period)
    return figures_of(queries.mailed_figures(connection, run.pipeline, period.last, name))
