"""Which metric a column of the dashboard holds, by its section and header text.

Pure (docs/reference/domain.md#dashboard-metrics).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import unescape

from lib.domain import headers


def _names(**accepted: str) -> dict[str, str]:
    return {form: metric for metric, forms in accepted.items() for form in forms.split()}


_REVENUE = _names(
    prev_month_revenue="prevmonth previousmonth prevmonthrevenue previousmonthrevenue",
    target_revenue="target targetrevenue",
    lmt_d_revenue="lmtd lmtdd lastmonthtodate lmtdrevenue",
    mtd_revenue="mtd monthtodate mtdrevenue",
    ftd_revenue="ftd firsttodate ftdrevenue",
    tgt_vs_ach_pct="tgtvsach targetvsach tgtvsachpct",
    growth_pct="growth growthpct",
    extrapolated_pct="extrapolated extrapolatedpct",
)
_DELIVERY = _names(
    delivery_total_orders="totalorders deliverytotalorders",
    delivery_within_tat_count="withintat",
    delivery_tat_pct="tatpct tatpercentage totaltatpercentage",
    delivery_total_delivered="totaldelivered delivered",
    delivery_undel_over_10_days="undeliveredover10days undeliveredgt10days undelivered10days",
    delivery_total_undelivered="totalundelivered",
)
_REPEAT = _names(
    repeat_customer_base_6m="repeatcustomerbase6m repeatcustomerbase6months",
    repeat_orders="repeatorders repeatordertotal",
    repeat_total_base_pct="repeattotalbasepct repeatpercentageoftotalbase",
)
_PACKAGE = _names(
    package_target="target packagetarget",
    package_new="new packagenew",
    package_ftd="ftd packageftd",
    package_achievement_pct="achievement achievementpct packageachievement",
    package_overall="overall packageoverall",
)


def normalise(text: str) -> str:
    """Return the header of a page in the form in which headers are compared."""
    return headers.normalise(unescape(text))


def _compact(text: str) -> str:
    return "".join(unescape(text).lower().split())


def _revenue(text: str) -> str | None:
    return _REVENUE.get(normalise(text))


def _pickup(text: str) -> str | None:
    plain = normalise(text)

    groups = [group for group in ("new", "existing", "total") if group in plain]
    if len(groups) != 1:
        return None

    if "%" in text or "pct" in plain or "percentage" in plain:
        return f"pickup_{groups[0]}_conv_pct"

    return f"pickup_{groups[0]}_conv_count" if "conv" in plain else f"pickup_{groups[0]}_count"


def _delivery(text: str) -> str | None:
    plain, compact = normalise(text), _compact(text)
    if "undel" in plain and ">10" in compact:
        return "delivery_undel_over_10_days"

    if "undel" in plain and "total" in plain:
        return "delivery_total_undelivered"

    if "tat(%)" in compact or "tat%" in compact:
        return "delivery_tat_pct"

    if plain == "tat":
        return None if "%" in text else "delivery_within_tat_count"

    return _DELIVERY.get(plain)


def _repeat(text: str) -> str | None:
    plain = normalise(text)
    if "customer" in plain and "6" in plain and "month" in plain:
        return "repeat_customer_base_6m"

    return "repeat_total_base_pct" if "totalbase(%)" in _compact(text) else _REPEAT.get(plain)


def _package(text: str) -> str | None:
    plain = normalise(text)
    if "nonpackage" in plain or "nonpkg" in plain:
        # A mere "Undel." is taken for undelivered too: read as the other column it would be a wrong
        # number.
        return (
            "package_non_pkg_over_800_undelivered"
            if "undel" in plain
            else "package_non_pkg_over_800"
        )

    return _PACKAGE.get(plain)


#: For each section, by the exact text of its heading: header text -> metric name, None for a
#: stranger.
SECTIONS: Mapping[str, Callable[[str], str | None]] = {
    "Revenue": _revenue,
    "Pickup": _pickup,
    "Delivery": _delivery,
    "Repeat Customers": _repeat,
    "Package": _package,
}

_BY_PREFIX = {
    "pickup": "Pickup",
    "delivery": "Delivery",
    "repeat": "Repeat Customers",
    "package": "Package",
}


def section_of(metric: str) -> str:
    """Return the heading under which the metric stands."""
    return _BY_PREFIX.get(metric.partition("_")[0], "Revenue")
