"""Reports: from what the database knows about a store and a day or period to one checked PDF and its row."""

from lib.reports.daily import build_daily
from lib.reports.making import ReportOutcome
from lib.reports.period import build_period

__all__ = ["ReportOutcome", "build_daily", "build_period"]
