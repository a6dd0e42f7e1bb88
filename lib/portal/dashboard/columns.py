"""Which metric a column of the dashboard holds, by its section and header text.

Pure. Source: docs/reference/domain.md#dashboard-metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import unescape

from lib.domain import headers


def _by_header(**accepted: str) -> dict[str, str]:
    """Return the metric by each normalised header in the words of `accepted`."""
    metrics = {}

    for metric, spellings in accepted.items():
        for header in spellings.split():
            metrics[header] = metric

    return metrics


_REVENUE = _by_header(
    prev_month_revenue="prevmonth previousmonth prevmonthrevenue previousmonthrevenue",
    target_revenue="target targetrevenue",
    lmt_d_revenue="lmtd lmtdd lastmonthtodate lmtdrevenue",
    mtd_revenue="mtd monthtodate mtdrevenue",
    ftd_revenue="ftd firsttodate ftdrevenue",
    tgt_vs_ach_pct="tgtvsach targetvsach tgtvsachpct",
    growth_pct="growth growthpct",
    extrapolated_pct="extrapolated extrapolatedpct",
)
_DELIVERY = _by_header(
    delivery_total_orders="totalorders deliverytotalorders",
    delivery_within_tat_count="withintat",
    delivery_tat_pct="tatpct tatpercentage totaltatpercentage",
    delivery_total_delivered="totaldelivered delivered",
    delivery_undel_over_10_days="undeliveredover10days undeliveredgt10days undelivered10days",
    delivery_total_undelivered="totalundelivered",
)
_REPEAT = _by_header(
    repeat_customer_base_6m="repeatcustomerbase6m repeatcustomerbase6months",
    repeat_orders="repeatorders repeatordertotal",
    repeat_total_base_pct="repeattotalbasepct repeatpercentageoftotalbase",
)
_PACKAGE = _by_header(
    package_target="target packagetarget",
    package_new="new packagenew",
    package_ftd="ftd packageftd",
    package_achievement_pct="achievement achievementpct packageachievement",
    package_overall="overall packageoverall",
)


def normalise(text: str) -> str:
    """Return the header of a page in the form in which headers are compared."""
    return headers.normalise(unescape(text))


def _without_spaces(text: str) -> str:
    return "".join(unescape(text).lower().split())


def _revenue(text: str) -> str | None:
    return _REVENUE.get(normalise(text))


def _pickup(text: str) -> str | None:
    header = normalise(text)
    groups = []

    for group in ("new", "existing", "total"):
        if group in header:
            groups.append(group)

    if len(groups) != 1:
        return None

    if "%" in text or "pct" in header or "percentage" in header:
        return f"pickup_{groups[0]}_conv_pct"

    if "conv" in header:
        return f"pickup_{groups[0]}_conv_count"

    return f"pickup_{groups[0]}_count"


def _delivery(text: str) -> str | None:
    header = normalise(text)
    signs = _without_spaces(text)

    if "undel" in header and ">10" in signs:
        return "delivery_undel_over_10_days"

    if "undel" in header and "total" in header:
        return "delivery_total_undelivered"

    if "tat(%)" in signs or "tat%" in signs:
        return "delivery_tat_pct"

    if header == "tat":
        return None if "%" in text else "delivery_within_tat_count"

    return _DELIVERY.get(header)


def _repeat(text: str) -> str | None:
    header = normalise(text)

    if "customer" in header and "6" in header and "month" in header:
        return "repeat_customer_base_6m"

    if "totalbase(%)" in _without_spaces(text):
        return "repeat_total_base_pct"

    return _REPEAT.get(header)


def _package(text: str) -> str | None:
    header = normalise(text)

    if "nonpackage" in header or "nonpkg" in header:
        # A mere "Undel." is taken for undelivered too: read as the other column it would be a wrong
        # number.
        if "undel" in header:
            return "package_non_pkg_over_800_undelivered"

        return "package_non_pkg_over_800"

    return _PACKAGE.get(header)


#: For each section, by the exact text of its heading: header text -> metric name, None for a header
#: that is not known.
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
