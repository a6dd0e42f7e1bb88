"""The fault drill: restore, break, recover, judge, and one page about it."""

from lib.pipelines.drill.run import DrillRequest, run

__all__ = ["DrillRequest", "run"]
