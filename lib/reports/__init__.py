"""Reports: from what the database knows about a store and a day to one checked PDF and its row in `documents`."""

from lib.reports.daily import ReportOutcome, build_daily

__all__ = ["ReportOutcome", "build_daily"]
