"""How many stores a morning of two hours has time for, by portal, mails and cores: `python -m tests.proofs.load.model`.

Arithmetic, not a measurement: the answers of the real portal come from its quantiles, the costs of a report and of a mail
are the figures of docs/explanation/load.md, which has the table that this prints.
"""

# ruff: noqa: T201 - a table for people

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from demo.portal import latency

BUDGET_S = 7200.0
"""PORTAL_BUDGET_SECONDS: after it, no request goes out."""
DRAW_S = 1.5
"""Of one core, for a daily report of the usual length."""
MAIN_S = 0.06
"""Of the main process for a report; its threads share one core."""
LOAD_S = 0.05
"""Of the run for a store's exports: merge, load, audit."""
MAIL_S = 0.3
"""For a mail at a provider that does not count."""
PACED_MAIL_S = 2.0
"""For a mail at 30 a minute."""
MISSED_WEEKS = 26
"""That one run catches up: CATCH_UP_MAX_PERIODS."""
LIMITS_S = {"an hour": 3600.0, "a working day": 8 * 3600.0}
PROCESSES = (2, 4, 8, 16, 32)
"""That draw, on one host or several; 32 are more than a run can feed."""


def mean_s(quantiles: latency.Quantiles) -> float:
    """Return the mean of answers with these quantiles, between two of which it is a line."""
    return sum(
        (more - less) * (low + high) / 2 for (less, low), (more, high) in pairwise(quantiles)
    )


@dataclass(frozen=True)
class Portal:
    """A portal: seconds of a dashboard and of a store's exports together, and how many answers come at once."""

    name: str
    dashboard_s: float
    exports_s: float
    in_flight: int

    def dashboards_s(self, stores: int) -> float:
        return stores * self.dashboard_s / self.in_flight

    def all_exports_s(self, stores: int) -> float:
        return stores * self.exports_s / self.in_flight


DASHBOARD_S, EXPORTS_S = mean_s(latency.DASHBOARD), mean_s(latency.STORE_EXPORTS)
PORTALS = (
    Portal("as logged, one at a time (locked session)", DASHBOARD_S, EXPORTS_S, 1),
    Portal("as logged, 4 in flight", DASHBOARD_S, EXPORTS_S, 4),
    Portal("as logged, 8 in flight", DASHBOARD_S, EXPORTS_S, 8),
    Portal("12 s a dashboard, 4 in flight", 12.0, EXPORTS_S, 4),
    Portal("an API that answers in 1 s, 4 in flight", 1.0, 4.0, 4),
)


def morning_s(portal: Portal, stores: int, cores: int, mail_s: float) -> float:
    """Return how long a morning takes: drawing hides behind exports, mails come last."""
    drawing = stores * max(DRAW_S / cores, MAIN_S)
    exports = max(portal.all_exports_s(stores), stores * LOAD_S)
    return portal.dashboards_s(stores) + max(exports, drawing) + stores * mail_s


def in_a_row_s(portal: Portal, stores: int, cores: int, mail_s: float) -> float:
    """Return how long it took while a phase began when the one before it had ended."""
    drawing = stores * max(DRAW_S / cores, MAIN_S)
    asked = portal.dashboards_s(stores) + portal.all_exports_s(stores)
    return asked + stores * LOAD_S + drawing + stores * mail_s


def catch_up_s(stores: int, processes: int) -> float:
    """Return how long the reports of MISSED_WEEKS take, which need no portal."""
    return stores * MISSED_WEEKS * max(DRAW_S / processes, MAIN_S)


def most_stores(took_s: Callable[[int], float], limit_s: float = BUDGET_S) -> int:
    """Return the most stores of which it ends within the limit."""
    few, many = 0, 100_000
    while few < many:
        middle = (few + many + 1) // 2
        if took_s(middle) <= limit_s:
            few = middle
        else:
            many = middle - 1
    return few


def row(portal: Portal) -> list[int]:
    """Return the numbers of the portal's row in the table."""
    return [
        most_stores(portal.dashboards_s),
        most_stores(lambda n: portal.dashboards_s(n) + portal.all_exports_s(n)),
        most_stores(lambda n: in_a_row_s(portal, n, 2, MAIL_S)),
        most_stores(lambda n: morning_s(portal, n, 2, MAIL_S)),
        most_stores(lambda n: morning_s(portal, n, 16, MAIL_S)),
        most_stores(lambda n: morning_s(portal, n, 2, PACED_MAIL_S)),
    ]


def table() -> list[str]:
    """Return the table's rows as the document has them."""
    return [
        f"| {portal.name} | " + " | ".join(f"{count:,}" for count in row(portal)) + " |"
        for portal in PORTALS
    ]


def catch_up_table() -> list[str]:
    """Return the rows about a catch-up as the document has them."""
    rows = []
    for name, limit_s in LIMITS_S.items():
        counts = [most_stores(partial(catch_up_s, processes=each), limit_s) for each in PROCESSES]
        rows.append(f"| {name} | " + " | ".join(f"{count:,}" for count in counts) + " |")
    return rows


if __name__ == "__main__":
    print("\n".join([*table(), "", *catch_up_table()]))
