from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.model import Bucket
from lib.reports.daily.context import daily_context
from lib.reports.facts.model import StoredDay
from lib.reports.metrics.kpis import Health, HealthLabel
from tests.factories.reports import METRICS_OF_T, RUN, T, facts, lead, order

ZONE = ZoneInfo("Asia/Kolkata")


def context_of(**changes):
    return daily_context(facts(**changes), RUN, ZONE)


def test_the_kpis_are_printed_with_value_band_and_goal():
    assert [(row.label, row.value, str(row.band), row.goal) for row in context_of().kpis] == [
        ("Pickup conversion, total", "81.95%", "Good", "min 82%"),
        ("Pickup conversion, new customers", "61.2%", "Good", "min 80%"),
        ("Pickup conversion, existing customers", "96.0%", "Excellent", "min 95%"),
        ("Delivery within TAT", "72.5%", "Needs Attention", "min 95%"),
        ("Undelivered > 10 days", "3", "Critical", "0"),
        ("Total undelivered", "12", "Needs Attention", "max 2"),
        ("Repeat contribution", "0.0%", "Critical", "min 30.3%"),
    ]


def test_health_sums_them_up():
    assert context_of().health == Health(63, HealthLabel.AT_RISK, 3, 7)


def test_a_day_without_values_prints_not_available_and_no_data():
    empty = context_of(today=StoredDay(T, dict.fromkeys(METRICS_OF_T)))
    assert {row.value for row in empty.kpis} == {"N/A"}
    assert {str(row.band) for row in empty.kpis} == {"No Data"}
    assert empty.health == Health(0, HealthLabel.NO_DATA)


def test_what_was_judged_otherwise_than_by_a_fixed_limit_says_so():
    many = METRICS_OF_T | {"delivery_total_orders": 300}
    rows = {row.label: row for row in context_of(today=StoredDay(T, many)).kpis}
    assert rows["Total undelivered"].basis == "4.0% of 300 this month"
    assert rows["Total undelivered"].goal == "max 2%"
    assert rows["Repeat contribution"].basis == "goal for 46.7% of the month"
    assert rows["Delivery within TAT"].basis == ""


def test_the_lists_carry_their_rows_and_total():
    context = context_of(orders=3, leads=2)
    assert [row.order_id for row in context.undelivered_orders_rows] == ["T1302", "T1301", "T1300"]
    assert context.undelivered_net_amount == Decimal("1351.50")
    assert len(context.missed_leads_rows) == 2
    assert context.undelivered_scope == "Promised for November 2025"
    assert context.missed_leads_scope == "Asked for from 1 Nov to 14 Nov 2025"


def test_older_requests_are_a_count():
    leads = (lead(1), lead(2, created_on=date(2025, 11, 3)))
    context = context_of(open_leads=leads)
    assert (len(context.missed_leads_rows), context.older_leads) == (1, 1)
    assert context.missed_leads_scope == "Asked for from 7 Nov to 14 Nov 2025"


def test_a_list_from_an_older_export_says_so():
    context = context_of(older_lists={Bucket.MISSED_LEADS: date(2025, 11, 12)})
    assert context.undelivered_scope == "Promised for November 2025"
    assert context.missed_leads_scope.endswith(", as of 12 Nov 2025: no later export was read")
    assert context.notes[0] == (
        "The list of pickup requests is of 12 Nov 2025; no newer one was read."
    )
    never = context_of(unread_lists=frozenset(Bucket))
    assert never.undelivered_scope.endswith(", no export was ever read")
    assert "No list of undelivered orders was ever read." not in never.notes


def test_a_new_month_carries_the_orders_of_the_old_one_and_says_what_began_anew():
    on = date(2025, 11, 10)
    context = context_of(
        today=StoredDay(on, METRICS_OF_T), earlier_orders=(order(15), order(16, net_amount=None))
    )
    assert [row.age_days for row in context.earlier_orders_rows] == [11, 12]
    assert context.earlier_net_amount == Decimal("450.50")
    assert context.earlier_listed_until == date(2025, 10, 31)
    assert context.notes[-1] == "The portal’s counts and lists began anew on 1 Nov."  # noqa: RUF001
    assert "began anew" not in " ".join(context_of().notes)


def test_without_undelivered_orders_there_is_no_picture_of_them():
    assert context_of().age_chart is None
    assert context_of(unread_lists=frozenset(Bucket)).age_chart is None
    assert context_of(orders=2).age_chart is not None


def test_the_run_signs_the_page_and_not_the_clock():
    context = context_of()
    assert (context.report_on, context.run_id, context.generated_at) == (
        T,
        RUN.run_id,
        RUN.started_at,
    )
    assert daily_context(facts(), replace(RUN, run_id="other"), ZONE) == replace(
        context, run_id="other"
    )


def test_a_store_without_a_name_is_called_by_its_code():
    assert context_of(store_name=None).store_name == "A668"
