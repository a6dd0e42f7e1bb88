from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from lib.model import Bucket
from lib.reports.daily.context import Indicator, daily_context
from lib.reports.facts.model import StoredDay
from lib.reports.metrics.kpis import Health, HealthLabel
from tests.factories.reports import METRICS_OF_T, RUN, T, facts

ZONE = ZoneInfo("Asia/Kolkata")


def context_of(**changes):
    return daily_context(facts(**changes), RUN, ZONE)


def test_the_kpis_are_printed_with_value_band_and_goal():
    assert [(row.label, row.value, str(row.band), row.goal) for row in context_of().kpis] == [
        ("Pickup conversion, total", "81.95%", "Good", "82% or more"),
        ("Pickup conversion, new customers", "61.2%", "Good", "80% or more"),
        ("Pickup conversion, existing customers", "96.0%", "Excellent", "95% or more"),
        ("Delivery within TAT", "72.5%", "Needs Attention", "95% or more"),
        ("Undelivered > 10 days", "3", "Critical", "none"),
        ("Total undelivered", "12", "Needs Attention", "2 or fewer"),
        ("Repeat contribution", "0.0%", "Critical", "30.3% or more"),
    ]


def test_health_sums_them_up():
    assert context_of().health == Health(63, HealthLabel.AT_RISK, 3, 7)


def test_secondary_indicators_print_zero_as_zero():
    assert context_of().secondary == (
        Indicator("FTD revenue", "₹18,240", "for the day"),
        Indicator("High-value orders > ₹800", "0", "without a package, month to date"),
        Indicator("Undelivered snapshot", "0", "orders dated this day in the export"),
    )


def test_a_day_without_values_prints_not_available_and_no_data():
    empty = context_of(today=StoredDay(T, dict.fromkeys(METRICS_OF_T)))
    assert {row.value for row in empty.kpis} == {"N/A"}
    assert {str(row.band) for row in empty.kpis} == {"No Data"}
    assert empty.health == Health(0, HealthLabel.NO_DATA)
    assert [indicator.value for indicator in empty.secondary] == ["N/A", "N/A", "0"]


def test_what_was_judged_otherwise_than_by_a_fixed_limit_says_so():
    many = METRICS_OF_T | {"delivery_total_orders": 300}
    bases = {row.label: row.basis for row in context_of(today=StoredDay(T, many)).kpis}
    assert bases["Total undelivered"] == "orders not yet delivered; 4.0% of 300 this month"
    assert bases["Repeat contribution"].endswith("; limits for 46.7% of the month")
    assert bases["Delivery within TAT"] == "delivered by the promised time, month to date"


def test_orders_of_an_export_that_was_not_read_are_not_zero():
    context = context_of(orders_placed=None)
    assert context.secondary[-1].value == "N/A"


def test_the_lists_carry_their_rows_and_total():
    context = context_of(orders=3, leads=2)
    assert [row.order_id for row in context.undelivered_orders_rows] == ["T1302", "T1301", "T1300"]
    assert context.undelivered_net_amount == Decimal("1351.50")
    assert len(context.missed_leads_rows) == 2
    assert context.undelivered_scope == "Committed for November 2025 and not delivered"
    assert context.missed_leads_scope == "Created from 1 to 14 Nov 2025 and not converted"


def test_a_list_from_an_older_export_says_so():
    context = context_of(older_lists={Bucket.MISSED_LEADS: date(2025, 11, 12)})
    assert context.undelivered_scope.endswith("and not delivered")
    assert context.missed_leads_scope.endswith(
        "and not converted, as of 12 Nov 2025: no later export was read"
    )


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
