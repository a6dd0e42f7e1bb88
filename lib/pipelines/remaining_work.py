"""The work that a day still needs, given what earlier runs of the day have completed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.model import Bucket, Phase

#: Phases whose work is the exports.
_EXPORT_PHASES = (
    Phase.DOWNLOAD,
    Phase.MERGE,
    Phase.INGEST,
    Phase.AUDIT,
    Phase.CLEANUP,
)


@dataclass(frozen=True)
class CompletedWork:
    """What need not be done again for one report date."""

    #: By bucket, the stores whose export is in the database, with the number of its rows.
    loaded: Mapping[Bucket, Mapping[str, int]] = field(default_factory=dict)
    #: Stores whose dashboard was read and found in order.
    dashboards: frozenset[str] = frozenset()
    #: Stores whose report is made.
    reports: frozenset[str] = frozenset()

    def is_loaded(self, store_code: str, bucket: Bucket) -> bool:
        """Return True if the store's export of the bucket is in the database."""
        return store_code in self.loaded.get(bucket, {})

    def as_metrics(self) -> dict[str, Any]:
        """Return the part of a run's metrics that `completed` reads; reports are in `documents`."""
        loaded = {}
        for bucket in Bucket:
            loaded[str(bucket)] = dict(self.loaded.get(bucket, {}))

        return {"loaded": loaded, "dashboards": sorted(self.dashboards)}


@dataclass(frozen=True)
class RemainingWork:
    """What a run of the day has to do, in the order of the stores."""

    exports: tuple[tuple[str, Bucket], ...]
    dashboards: tuple[str, ...]
    reports: tuple[str, ...]

    @property
    def reports_without_exports(self) -> list[str]:
        """The stores that owe a report and no export."""
        with_exports = {code for code, _ in self.exports}
        found = []

        for code in self.reports:
            if code not in with_exports:
                found.append(code)

        return found

    @property
    def needs_portal(self) -> bool:
        return bool(self.exports or self.dashboards)


def completed(
    metrics: Sequence[Mapping[str, Any]],
    reports: Collection[str],
) -> CompletedWork:
    """Return what the day's earlier runs have completed.

    `metrics` are their `metrics_json`, oldest first; rows of earlier systems have no `done`.
    `reports` are the stores whose report is made.
    """
    loaded: dict[Bucket, dict[str, int]] = {bucket: {} for bucket in Bucket}
    dashboards: set[str] = set()

    for one in metrics:
        done = one.get("done", {})
        dashboards.update(done.get("dashboards", []))

        for bucket in Bucket:
            loaded[bucket] |= done.get("loaded", {}).get(bucket, {})

    return CompletedWork(loaded, frozenset(dashboards), frozenset(reports))


def remaining(
    stores: Sequence[str],
    report_stores: Sequence[str],
    done: CompletedWork,
) -> RemainingWork:
    """Return what is left to do.

    A report is made again when something that it shows is read again.
    """
    exports = []
    for code in stores:
        for bucket in Bucket:
            if not done.is_loaded(code, bucket):
                exports.append((code, bucket))

    dashboards = [code for code in stores if code not in done.dashboards]

    read_again = {code for code, _ in exports} | {*dashboards}
    reports = [code for code in report_stores if code in read_again or code not in done.reports]

    return RemainingWork(tuple(exports), tuple(dashboards), tuple(reports))


def shares(
    todo: RemainingWork,
    stores: Sequence[str],
    report_stores: Sequence[str],
) -> dict[str, float]:
    """Return by phase which part of a whole day's work is left, where it is not all of it."""
    exports = _part(len(todo.exports), len(stores) * len(Bucket))
    found = dict.fromkeys(_EXPORT_PHASES, exports) | {
        Phase.LOGIN: 1.0 if todo.needs_portal else 0.0,
        Phase.SCRAPE: _part(len(todo.dashboards), len(stores)),
        Phase.REPORT: _part(len(todo.reports), len(report_stores)),
    }

    return {str(phase): share for phase, share in found.items() if share < 1}


def _part(number: int, whole: int) -> float:
    return round(number / whole, 3) if whole else 0.0
