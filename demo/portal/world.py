"""The chain of stores that the simulated portal knows: who, where, and what happened on each day.

Everything follows from the seed. What has happened is stable: a pickup or order keeps its number,
customer and dates for ever, and only becomes *known* (converted, delivered) once the day of looking
has reached that date.
"""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from demo.portal import names
from demo.portal.series import EPOCH, Series

SLOTS = ("10:00 AM - 12:00 PM", "12:00 PM - 02:00 PM", "02:00 PM - 04:00 PM", "04:00 PM - 06:00 PM")
SOURCES = ("Customer App", "WhatsApp", "Super Admin", "Call Center", "Website")
SERVICES = ("DC", "LA", "WF", "WI", "SI", "SH")
INSTRUCTIONS = (
    "",
    "",
    "",
    "",
    "Ring twice, then wait",
    'Ask for "starch"',
    "Second floor",
    "कृपया कॉल करें",
)
TIERS = (0.7, 0.9, 1.1, 1.3)
PICKUPS_A_DAY = 14.5
ORDERS_A_DAY = 25.0
COHORT_SIZE = 390
KNOWN_CUSTOMERS = 50_000
DAY_CACHE = 6_000


@dataclass(frozen=True, slots=True)
class Store:
    """A store of the chain.

    `index` is its place there; `size` multiplies every count; `launched_on` None is shown as '-'.
    """

    index: int
    code: str
    name: str
    launched_on: date | None
    size: float


class Pickup(NamedTuple):
    """A wish to have laundry fetched.

    `number` counts within the store; `quirk` in [0, 1) picks an anomaly of its row, the same one
    every day.
    """

    number: int
    customer: int
    created_on: date
    created_time: str
    pickup_on: date
    slot: str
    is_new: bool
    source: str
    instruction: str
    converted_on: date | None
    quirk: float


class Order(NamedTuple):
    """Laundry of a customer.

    `number` counts within the store, so the same numbers recur in other stores; amounts are in
    paise.
    """

    number: int
    customer: int
    ordered_on: date
    ordered_time: str
    taxable_paise: int
    net_paise: int
    service: str
    expected_on: date
    delivered_on: date | None
    is_package: bool
    quirk: float

    def is_delivered(self, on: date) -> bool:
        return self.delivered_on is not None and self.delivered_on <= on


@dataclass(frozen=True)
class World:
    """`stores` stores; `scale` multiplies their volumes; `anomaly_rate` is the share of odd rows.

    With `anomaly_rate=0` files are canonical too: no other header spelling, byte-order mark or line
    ending.

    Source: docs/reference/domain.md#buckets, #export-oddities.
    """

    stores: int = 16
    seed: int = 1
    scale: float = 1.0
    anomaly_rate: float = 0.004
    by_code: dict[str, Store] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        chain = (self._store(index) for index in range(self.stores))
        object.__setattr__(self, "by_code", {store.code: store for store in chain})

    def __hash__(self) -> int:
        return hash((self.stores, self.seed, self.scale, self.anomaly_rate))

    @property
    def codes(self) -> list[str]:
        return list(self.by_code)

    def _store(self, index: int) -> Store:
        rng = random.Random(f"{self.seed}|store|{index}")
        launched_on = (
            None
            if index % 11 == 7
            else EPOCH
            - timedelta(
                days=rng.randrange(
                    20,
                    1_200,
                )
            )
        )
        size = self.scale * TIERS[index % len(TIERS)]

        return Store(
            index,
            names.store_code(index),
            names.store_name(index),
            launched_on,
            size,
        )

    def pickup_series(self, store: Store) -> Series:
        return Series(
            f"{self.seed}|{store.code}|pickups",
            PICKUPS_A_DAY * store.size,
        )

    def order_series(self, store: Store) -> Series:
        return Series(f"{self.seed}|{store.code}|orders", ORDERS_A_DAY * store.size)

    def pickups(
        self,
        store: Store,
        first: date,
        last: date,
    ) -> list[Pickup]:
        """Pickups created from `first` to `last`, oldest first."""
        return [
            pickup
            for day in days(
                first,
                last,
            )
            for pickup in _pickups_of_day(
                self,
                store,
                day,
            )
        ]

    def orders(
        self,
        store: Store,
        first: date,
        last: date,
    ) -> list[Order]:
        """Orders placed from `first` to `last`, oldest first."""
        return [
            order
            for day in days(
                first,
                last,
            )
            for order in _orders_of_day(
                self,
                store,
                day,
            )
        ]

    def cohort(self, store: Store, on: date) -> range:
        """Customer numbers of the base of six months ago; the 4th steps to the new month's.

        Source: docs/reference/domain.md#export-windows.
        """
        month = first_of_month(on if on.day >= 4 else first_of_month(on) - timedelta(days=1))
        start = KNOWN_CUSTOMERS + self.pickup_series(store).before(
            months_before(
                month,
                6,
            )
        )
        wobble = random.Random(f"{self.seed}|{store.code}|cohort|{month}").uniform(
            0.85,
            1.15,
        )

        return range(start, start + int(COHORT_SIZE * store.size * wobble))


def days(first: date, last: date) -> list[date]:
    found = []

    for number in range(
        first.toordinal(),
        last.toordinal() + 1,
    ):
        found.append(date.fromordinal(number))

    return found


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def months_before(month: date, count: int) -> date:
    """The first of the month `count` months before the month of `month`."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


@lru_cache(maxsize=DAY_CACHE)
def _pickups_of_day(
    world: World,
    store: Store,
    day: date,
) -> tuple[Pickup, ...]:
    series = world.pickup_series(store)
    rng = random.Random(f"{world.seed}|{store.code}|pickups|{day.toordinal()}")
    numbers = range(series.before(day), series.before(day + timedelta(days=1)))

    found = []

    for number in numbers:
        found.append(
            _pickup(
                rng,
                number,
                day,
                known_since=int(series.rate * 40) + 1,
            )
        )

    return tuple(found)


def _pickup(
    rng: random.Random,
    number: int,
    day: date,
    known_since: int,
) -> Pickup:
    """`known_since`: an existing customer is the one of so many pickups ago.

    So a month repeats nobody.
    """
    is_new = rng.random() < 0.6
    converts = rng.random() < (0.62 if is_new else 0.9)
    minute = rng.randrange(8 * 60, 21 * 60)

    return Pickup(
        number=number,
        customer=KNOWN_CUSTOMERS + number - (0 if is_new else known_since),
        created_on=day,
        created_time=f"{minute // 60:02d}:{minute % 60:02d}:{number * 7 % 60:02d}",
        pickup_on=day + timedelta(days=minute % 3),
        slot=SLOTS[minute % len(SLOTS)],
        is_new=is_new,
        source=SOURCES[minute // 3 % len(SOURCES)],
        instruction=INSTRUCTIONS[minute // 5 % len(INSTRUCTIONS)],
        converted_on=day + timedelta(days=int(rng.random() ** 2 * 5)) if converts else None,
        quirk=rng.random(),
    )


@lru_cache(maxsize=DAY_CACHE)
def _orders_of_day(
    world: World,
    store: Store,
    day: date,
) -> tuple[Order, ...]:
    series = world.order_series(store)
    rng = random.Random(f"{world.seed}|{store.code}|orders|{day.toordinal()}")
    season = random.Random(f"{world.seed}|{store.code}|season|{day.year}|{day.month}").uniform(
        0.85,
        1.2,
    )
    numbers = range(series.before(day), series.before(day + timedelta(days=1)))

    found = []

    for number in numbers:
        found.append(_order(rng, number, day, season))

    return tuple(found)


def _order(
    rng: random.Random,
    number: int,
    day: date,
    season: float,
) -> Order:
    is_package = rng.random() > 0.13
    floor = 8_000 if is_package else 80_500
    taxable = (
        int((floor + rng.expovariate(1 / 30_000)) * season)
        if is_package
        else floor + int(rng.random() * 150_000)
    )

    minute = rng.randrange(9 * 60, 21 * 60)
    expected_on = day + timedelta(days=3 + minute % 3)

    return Order(
        number=number,
        customer=KNOWN_CUSTOMERS + number,
        ordered_on=day,
        ordered_time=f"{minute // 60:02d}:{minute % 60:02d}:{number * 11 % 60:02d}",
        taxable_paise=taxable,
        net_paise=taxable * 118 // 100,
        service=SERVICES[minute // 3 % len(SERVICES)],
        expected_on=expected_on,
        delivered_on=_delivered_on(rng, day, expected_on),
        is_package=is_package,
        quirk=rng.random(),
    )


def _delivered_on(
    rng: random.Random,
    ordered_on: date,
    expected_on: date,
) -> date | None:
    luck = rng.random()
    if luck < 0.88:
        return ordered_on + timedelta(
            days=rng.randrange(
                1,
                (expected_on - ordered_on).days + 1,
            )
        )

    if luck < 0.96:
        return expected_on + timedelta(days=rng.randrange(1, 7))

    return (
        expected_on
        + timedelta(
            days=rng.randrange(
                8,
                30,
            )
        )
        if luck < 0.985
        else None
    )
