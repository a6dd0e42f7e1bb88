"""What a day still needs, from what earlier runs of the day say is done. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.model import Bucket


@dataclass(frozen=True)
class Done:
    """What need not be done again for one report date."""

    #: By bucket, the stores whose export is in the database, with the number of its rows.
    loaded: Mapping[Bucket, Mapping[str, int]] = field(default_factory=dict)
    #: Stores whose dashboard was read and found in order.
    dashboards: frozenset[str] = frozenset()
    #: Stores whose report is made.
    reports: frozenset[str] = frozenset()

    def is_loaded(self, store_code: str, bucket: Bucket) -> bool:
        """Tell whether the store's export of the bucket is in the database."""
        return store_code in self.loaded.get(bucket, {})

    def as_metrics(self) -> dict[str, Any]:
        """Return what `done` reads again from a run's metrics; the reports are in `documents`."""
        loaded = {str(bucket): dict(self.loaded.get(bucket, {})) for bucket in Bucket}
        return {"loaded": loaded, "dashboards": sorted(self.dashboards)}


def done(metrics: Sequence[Mapping[str, Any]], reports: Collection[str]) -> Done:
    """Read the `metrics_json` of the day's earlier runs, oldest first; rows of earlier systems say nothing."""
    loaded: dict[Bucket, dict[str, int]] = {bucket: {} for bucket in Bucket}
    dashboards: set[str] = set()

    for one in metrics:
        for bucket in Bucket:
            loaded[bucket] |= one.get("done", {}).get("loaded", {}).get(bucket, {})

        dashboards |= {*one.get("done", {}).get("dashboards", [])}

    return Done(loaded, frozenset(dashboards), frozenset(reports))


@dataclass(frozen=True)
class Owed:
    """What a run of the day has to do, in the order of the stores."""

    exports: tuple[tuple[str, Bucket], ...]
    dashboards: tuple[str, ...]
    reports: tuple[str, ...]

    @property
    def needs_portal(self) -> bool:
        return bool(self.exports or self.dashboards)


def owed(stores: Sequence[str], report_stores: Sequence[str], was: Done) -> Owed:
    """Return what is left. A report is owed, too, when something that it shows is read again."""
    exports = tuple(
        (code, bucket) for code in stores for bucket in Bucket if not was.is_loaded(code, bucket)
    )
    dashboards = tuple(code for code in stores if code not in was.dashboards)
    read_again = {code for code, _ in exports} | {*dashboards}
    reports = tuple(code for code in report_stores if code in read_again or code not in was.reports)

    return Owed(exports, dashboards, reports)
