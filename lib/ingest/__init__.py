"""From downloaded exports to accounted rows: merge, load, audit, cleanup; dashboards to rows.

Importing it is cheap: nothing here imports the database library before it is used.
"""

from lib.ingest.audit import Verdict, audit, combined
from lib.ingest.cleanup import cleanup
from lib.ingest.counts import Counts
from lib.ingest.dashboards import known_stores, store_dashboard
from lib.ingest.errors import BucketNotLoaded, DamagedMerge, UnusableExport
from lib.ingest.load import Load, load
from lib.ingest.merge import FileCounts, Merge, merge
from lib.ingest.replay import Replayed, replay

__all__ = [
    "BucketNotLoaded",
    "Counts",
    "DamagedMerge",
    "FileCounts",
    "Load",
    "Merge",
    "Replayed",
    "UnusableExport",
    "Verdict",
    "audit",
    "cleanup",
    "combined",
    "known_stores",
    "load",
    "merge",
    "replay",
    "store_dashboard",
]
