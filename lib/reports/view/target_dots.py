"""The picture of all stores' months: a dot for each store on one axis, its share of the target.

`lib.reports.render.dots_svg` draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from lib import formatting

TITLE = "Share of the month’s target"  # noqa: RUF001 - as it is printed
#: The axis ends at the next of these, in per cent.
STEP = 10
#: A store with more stands at this end, so that the others keep their places.
MOST = 200
FULL = Decimal(100)


@dataclass(frozen=True)
class TargetDots:
    """Everything that is seen of the picture, and what is said to those who do not see it."""

    title: str
    legend: str
    alt: str
    #: Name and share of the stores at both ends; empty where there is none.
    lowest: str
    highest: str
    #: Per cent of the target by store, the lowest first.
    stores: tuple[tuple[str, Decimal], ...]
    #: What a store has that sells the same every day, in per cent.
    even: Decimal
    #: Right end of the axis, in per cent.
    most: int
    #: Width and height.
    size_mm: tuple[int, int]

    @property
    def is_empty(self) -> bool:
        return not self.stores


def target_dots(
    shares: Sequence[tuple[str, Decimal]],
    even: Decimal,
    size_mm: tuple[int, int],
) -> TargetDots:
    """Return the picture of the stores' shares of their targets.

    `even` is the share of the month that is over; all are in per cent.
    """
    stores = tuple(sorted(shares, key=lambda one: (one[1], one[0])))
    largest = int(max([even, *(share for _, share in stores)]))
    most = STEP * (min(MOST, largest) // STEP + 1)
    is_over = even >= FULL
    goal = "the target" if is_over else f"an even pace, {formatting.percent(even)}"

    return TargetDots(
        title=TITLE,
        legend=f"a dot a store; line: {goal}",
        alt=_alt(stores, even, goal),
        lowest=_named(stores[0]) if stores else "",
        highest=_named(stores[-1]) if len(stores) > 1 else "",
        stores=stores,
        even=even,
        most=most,
        size_mm=size_mm,
    )


def _alt(
    stores: Sequence[tuple[str, Decimal]],
    even: Decimal,
    goal: str,
) -> str:
    if not stores:
        return "No store shows a target."

    behind = sum(1 for _, share in stores if share < even)
    full = sum(1 for _, share in stores if share >= FULL)
    text = (
        f"Dots of {formatting.counted(len(stores), 'store')} by share of the month's target."
        f" Lowest {_named(stores[0])}, highest {_named(stores[-1])}; {behind} below {goal}"
    )

    return f"{text}." if even >= FULL else f"{text}; {full} at the target or above."


def _named(store: tuple[str, Decimal]) -> str:
    name, share = store
    return f"{formatting.shortened(name)} {formatting.percent(share)}"
