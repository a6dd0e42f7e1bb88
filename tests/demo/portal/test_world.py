from datetime import date, timedelta

import pytest

from demo.portal.world import World, first_of_month, months_before

T = date(2025, 11, 14)
WORLD = World()
STORE = WORLD.by_code["A817"]


def test_the_same_seed_makes_the_same_chain_and_another_seed_another() -> None:
    same, other = World(), World(seed=2)
    first = T - timedelta(days=3)

    assert same.orders(same.by_code["A817"], first, T) == WORLD.orders(STORE, first, T)
    assert other.orders(other.by_code["A817"], first, T) != WORLD.orders(STORE, first, T)


def test_a_store_does_not_depend_on_how_many_others_there_are() -> None:
    large = World(stores=300)
    assert large.pickups(large.by_code["A817"], T, T) == WORLD.pickups(STORE, T, T)


def test_order_numbers_are_unique_in_a_store_and_recur_in_others() -> None:
    first = date(2025, 10, 1)
    by_store = {
        code: {o.number for o in WORLD.orders(store, first, T)}
        for code, store in WORLD.by_code.items()
    }

    assert all(
        len(WORLD.orders(WORLD.by_code[code], first, T)) == len(numbers)
        for code, numbers in by_store.items()
    )
    assert sum(map(len, by_store.values())) > 1.5 * len(set().union(*by_store.values()))


def test_numbers_grow_with_time_without_gaps() -> None:
    numbers = [pickup.number for pickup in WORLD.pickups(STORE, date(2025, 10, 28), T)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_nobody_is_picked_up_from_twice_in_a_month_unless_as_an_anomaly() -> None:
    customers = [
        pickup.customer for pickup in WORLD.pickups(STORE, date(2025, 11, 1), date(2025, 11, 30))
    ]
    assert len(set(customers)) == len(customers)


def test_an_order_is_known_as_delivered_only_from_its_day_on() -> None:
    order = next(order for order in WORLD.orders(STORE, T, T) if order.delivered_on)

    assert order.delivered_on
    assert not order.is_delivered(order.delivered_on - timedelta(days=1))
    assert order.is_delivered(order.delivered_on)


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (date(2025, 11, 4), date(2025, 11, 30), True),
        (date(2025, 11, 30), date(2025, 12, 3), True),
        (date(2025, 12, 3), date(2025, 12, 4), False),
    ],
    ids=["within the month", "into the next month's first days", "on the 4th"],
)
def test_the_cohort_is_constant_until_it_steps(first: date, second: date, is_same: bool) -> None:
    assert (WORLD.cohort(STORE, first) == WORLD.cohort(STORE, second)) is is_same


def test_before_the_chain_began_there_is_nothing() -> None:
    assert WORLD.orders(STORE, date(2023, 1, 1), date(2023, 12, 31)) == []


@pytest.mark.parametrize(
    ("back", "month"), [(0, date(2025, 3, 1)), (2, date(2025, 1, 1)), (3, date(2024, 12, 1))]
)
def test_months_are_counted_back_over_a_year(back: int, month: date) -> None:
    assert months_before(first_of_month(date(2025, 3, 31)), back) == month
