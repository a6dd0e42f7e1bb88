"""A daily count whose running total is a closed formula.

So any day of any store is known without its past.
"""

import zlib
from dataclasses import dataclass
from datetime import date

EPOCH = date(2024, 1, 1)
WEEKLY_WAVE = (0.0, -0.10, -0.20, -0.25, -0.20, -0.10, -0.05)
WILDNESS = 0.4


@dataclass(frozen=True, slots=True)
class Series:
    """About `rate` events a day since EPOCH, none before it; `key` decides how the days differ."""

    key: str
    rate: float

    def before(self, day: date) -> int:
        """How many events happened before `day`; never falls from one day to the next."""
        days = (day - EPOCH).days
        if days <= 0:
            return 0

        spread = int(self.rate * WILDNESS)
        jitter = zlib.crc32(f"{self.key}|{days}".encode()) % (spread + 1) if self.rate >= 2.5 else 0

        return max(0, int(self.rate * (days + WEEKLY_WAVE[days % 7])) + jitter)

    def between(self, first: date, last: date) -> int:
        return self.before(date.fromordinal(last.toordinal() + 1)) - self.before(first)
