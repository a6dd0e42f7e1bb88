# ruff: noqa: RUF001 - dashes and minus signs as they are printed

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from lib.model import Pipeline
from lib.reports.build.html import combined_html
from lib.reports.combined.context import combined_context
from lib.reports.render import weasyprint_engine
from tests.factories.periods import DAY, MONTH, WEEK, run_of, standing

IST = ZoneInfo("Asia/Kolkata")

drawn = pytest.mark.integration
"""The page is drawn by Pango, a library of the system."""


def page(stores, pipeline=Pipeline.DAILY, period=DAY, **options):
    return combined_context(stores, run_of(pipeline, period), period, IST, **options)


def chain(number, pipeline=Pipeline.DAILY, period=DAY):
    """Return that many stores, the first one farthest behind its target."""
    return [
        standing(pipeline, period, f"STORE {n:03d}", seed=1, scale=0.5 + n / 100)
        for n in range(number)
    ]


def names(lines):
    return [line.name for line in lines]


def test_the_store_farthest_behind_comes_first_and_one_without_a_target_last():
    stores = [
        standing(Pipeline.DAILY, DAY, name, scale=scale, target=target)
        for name, scale, target in (
            ("GOOD", 1.4, 600000),
            ("NONE", 0.1, None),
            ("BAD", 0.6, 600000),
        )
    ]
    assert names(page(stores).table.worst) == ["BAD", "GOOD", "NONE"]


@pytest.mark.parametrize(("number", "worst", "best"), [(1, 1, 0), (40, 40, 0), (41, 20, 5)])
def test_to_forty_stores_have_a_line_and_of_more_the_twenty_worst_and_five_best(
    number, worst, best
):
    table = page(list(reversed(chain(number)))).table
    everyone = [f"STORE {n:03d}" for n in range(number)]

    assert names(table.worst) == everyone[:worst]
    assert names(table.best) == everyone[number - best :]
    assert table.left_out == number - worst - best


def test_the_best_are_none_without_a_target():
    untargeted = [replace(one, name=f"X{n}") for n, one in enumerate(chain(30))]
    month = replace(untargeted[0].month, target=None)
    stores = chain(30) + [replace(one, month=month) for one in untargeted]
    table = page(stores).table

    assert names(table.best) == [f"STORE {n:03d}" for n in range(25, 30)]
    assert table.left_out == 60 - 25


def test_the_total_is_that_of_all_stores():
    stores = chain(3)
    total = page(stores).table.total
    sold = sum(store.sale.value for store in stores)

    assert total.name == "All 3 stores"
    assert total.cells[0] == f"₹{sold:,}"
    share = 100 * sum(s.month.to_date for s in stores) / Decimal(3 * 600000)
    assert total.cells[3] == f"{share:.1f}%"


@pytest.mark.parametrize(
    ("pipeline", "period", "headings"),
    [
        (Pipeline.DAILY, DAY, ["Sale", "vs usual", "Month", "Target", "Pace"]),
        (Pipeline.WEEKLY, WEEK, ["Sale", "vs 3–9 Nov", "Month", "Target", "Pace"]),
        (Pipeline.MONTHLY, MONTH, ["Sale", "vs Sep 2025", "Target"]),
    ],
)
def test_columns_are_those_that_say_something_of_the_period(pipeline, period, headings):
    table = page(chain(2, pipeline, period), pipeline, period).table
    shown = [column.heading for column in table.columns]
    rates = ["Became orders", "Ready on time", "> 10 days", "Undelivered"]

    assert shown == headings + rates
    assert table.name_mm + sum(column.width_mm for column in table.columns) == 182
    assert {len(line.cells) for line in (*table.worst, table.total)} == {len(shown)}


def test_a_week_with_a_gap_says_so_in_place_of_a_change():
    gap = standing(Pipeline.WEEKLY, WEEK, "GAP", skip={date(2025, 11, 13)})
    context = page([gap], Pipeline.WEEKLY, WEEK)

    assert context.table.worst[0].cells[1] == "6 of 7 days"
    assert context.key_figures[0].lines == ("without 1 day of single stores",)


def test_sums_of_some_stores_say_of_how_many():
    known, other = standing(Pipeline.DAILY, DAY, "A", scale=0.9), standing(Pipeline.DAILY, DAY, "B")
    unknown = replace(other, orders=None, amount=None, over_10_days=None)
    sale, month, backlog = page([known, unknown]).key_figures

    assert "(" not in "".join(sale.lines + month.lines)
    assert backlog.value == "₹1,352"
    assert backlog.lines[0] == "in 3 orders (1 store)"
    assert page([unknown]).key_figures[2].value == "N/A"


def test_stores_that_are_not_whole_are_named():
    stores = chain(2)
    without_target = replace(stores[0].month, target=None)
    odd = replace(
        stores[0],
        name="ODD",
        orders=None,
        amount=None,
        over_10_days=None,
        month=without_target,
    )
    late = replace(stores[1], name="LATE", orders_as_of=date(2025, 11, 9))
    context = page([odd, late], absent=["LAKE VIEW", "Unnamed store"])

    assert context.stores == 4
    assert context.without_data == "Without data: LAKE VIEW, Unnamed store."
    assert context.notes[1:] == (
        "No target is known of: ODD.",
        "The list of undelivered orders is older: LATE (9 Nov).",
        "No list of undelivered orders was read: ODD.",
        "The portal shows no number of orders over 10 days: ODD.",
    )
    assert page(stores).without_data == "Without data: none."


def reasons(stores, **options):
    return [(one.name, one.reason) for one in page(stores, **options).headline.look_first]


def plain(name, scale=1.4, **changes):
    """Return a store above its pace of which nothing is open."""
    made = standing(Pipeline.DAILY, DAY, name, seed=1, scale=scale)
    return replace(made, **({"over_10_days": 0, "amount": Decimal(0), "orders": 0} | changes))


def test_the_three_to_look_at_are_behind_have_old_orders_and_much_undelivered():
    stores = [
        plain("FINE"),
        plain("BEHIND", 0.5),
        plain("OLD", over_10_days=22),
        plain("DEAR", amount=Decimal(28824)),
    ]
    found = reasons(stores)

    assert [name for name, _ in found] == ["BEHIND", "OLD", "DEAR"]
    assert found[0][1].endswith("(lowest)")
    assert found[1][1].startswith("22 orders over 10 days old (most), though ")
    assert found[2][1].startswith("₹28,824 undelivered (most), though ")


def test_a_store_that_is_first_in_much_is_named_once_with_all_of_it():
    stores = [
        plain("FINE"),
        plain("BAD", 0.5, over_10_days=3, amount=Decimal(900)),
        plain("X", 0.6),
    ]
    (first, why), (second, _) = reasons(stores)

    assert (first, second) == ("BAD", "X")
    assert why.endswith("(lowest), 3 orders over 10 days old (most), ₹900 undelivered (most)")


def test_who_is_first_with_another_has_no_mark():
    stores = [plain("A", over_10_days=3), plain("B", over_10_days=3)]
    assert reasons(stores)[0][1].startswith("3 orders over 10 days old, though")


def test_nobody_is_looked_at_where_nothing_stands_out_or_one_store_is_all():
    assert reasons([plain("A"), plain("B")]) == []
    assert reasons([plain("A", 0.5)]) == []


@drawn
@pytest.mark.parametrize("number", [1, 16, 40])
@pytest.mark.parametrize(
    ("scale", "name"),
    [
        pytest.param(1, "STORE", id="usual"),
        pytest.param(Decimal(10**5), "LONG NAME OF A STORE " * 5, id="large"),
        pytest.param(0, "श्री साईं विहार", id="nothing sold"),
    ],
)
@pytest.mark.parametrize(("pipeline", "period"), [(Pipeline.DAILY, DAY), (Pipeline.MONTHLY, MONTH)])
def test_up_to_forty_stores_are_one_page(number, scale, name, pipeline, period):
    one = standing(pipeline, period, name, target=600000 * max(1, scale))
    sale = replace(one.sale, value=one.sale.value * scale)
    month = replace(one.month, to_date=one.month.to_date * scale)
    stores = [replace(one, name=f"{name} {n}", sale=sale, month=month) for n in range(number)]
    content = weasyprint_engine.render(combined_html(page(stores, pipeline, period)))

    assert len(PdfReader(BytesIO(content)).pages) == 1
    assert len(content) < 150_000


@drawn
@pytest.mark.parametrize(("pipeline", "period"), [(Pipeline.DAILY, DAY), (Pipeline.WEEKLY, WEEK)])
def test_forty_stores_of_which_some_lack_something_are_one_page(pipeline, period):
    known = [standing(pipeline, period, f"STORE {n}", seed=n) for n in range(39)]
    stores = [*known, standing(pipeline, period, "NO TARGET", target=None)]
    context = combined_context(stores, run_of(pipeline, period), period, IST, absent=["OLD FORT"])
    content = weasyprint_engine.render(combined_html(context))

    assert len(PdfReader(BytesIO(content)).pages) == 1


@drawn
def test_a_chain_of_thousands_is_one_page():
    [one] = chain(1)
    context = page([replace(one, name=f"STORE {n}") for n in range(2000)])
    content = weasyprint_engine.render(combined_html(context))

    assert len(PdfReader(BytesIO(content)).pages) == 1
