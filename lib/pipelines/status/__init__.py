"""What ran, what is missing or stale, what is undelivered, and what to do about it."""

from lib.pipelines.status.collect import headline_of, morning_of, overview
from lib.pipelines.status.facts import Morning, Overview
from lib.pipelines.status.show import as_json, on_terminal, page, write_page

__all__ = [
    "Morning",
    "Overview",
    "as_json",
    "headline_of",
    "morning_of",
    "on_terminal",
    "overview",
    "page",
    "write_page",
]
