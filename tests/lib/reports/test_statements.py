"""Nothing printed is false: over random histories, every sentence is checked against the stored figures.

The figures are worked out here a second time, from the stored days alone and by other means than the reports do. A
sentence that no predicate knows fails, too.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from lib.model import Bucket, Pipeline
from lib.reports.daily.context import daily_context
from lib.reports.facts.model import StoredDay
from lib.reports.period.context import store_context
from tests.factories import histories
from tests.factories.periods import MONTH, WEEK, run_of
from tests.factories.reports import RUN

IST = ZoneInfo("Asia/Kolkata")
HISTORIES = range(400)
NUMBER = r"−?₹?[\d,]+(?:\.\d+)?(?: L| Cr)?%?|N/A"  # noqa: RUF001 - the minus sign as it is printed

KPIS = {
    "Pickup conversion, total": ("pickup_total_conv_pct", (82, 70, 55)),
    "Pickup conversion, new customers": ("pickup_new_conv_pct", (80, 60, 45)),
    "Pickup conversion, existing customers": ("pickup_existing_conv_pct", (95, 80, 70)),
    "Delivery within TAT": ("delivery_tat_pct", (95, 85, 70)),
    "Undelivered > 10 days": ("delivery_undel_over_10_days", None),
    "Total undelivered": ("delivery_total_undelivered", None),
    "Repeat contribution": ("repeat_total_base_pct", (65, 50, 35)),
}
COUNTS = {
    "Pickup conversion, total": ("pickup_total_conv_count", "pickup_total_count"),
    "Pickup conversion, new customers": ("pickup_new_conv_count", "pickup_new_count"),
    "Pickup conversion, existing customers": (
        "pickup_existing_conv_count",
        "pickup_existing_count",
    ),
    "Delivery within TAT": ("delivery_within_tat_count", "delivery_total_orders"),
}
COUNTERS = {
    "Pickups": "pickup_total_count",
    "Deliveries": "delivery_total_delivered",
    "New customers’ pickups": "pickup_new_count",  # noqa: RUF001 - as it is printed
    "Repeat orders": "repeat_orders",
}
LISTS = {"undelivered orders": Bucket.UNDELIVERED_ALL, "pickup requests": Bucket.MISSED_LEADS}
STRONG, WEAK = ("Excellent", "Good"), ("Needs Attention", "Critical")


def number(text):
    """Read a printed number back; what was shortened comes back with its unit."""
    text = text.replace("₹", "").replace(",", "").replace("%", "").replace("−", "-")  # noqa: RUF001
    unit = {"L": 100_000, "Cr": 10_000_000}.get(text.rpartition(" ")[2], 1)
    return Decimal(text.split(" ")[0]) * unit


def is_printed_as(value, text):
    """Whether the printed number is the value, to the last figure that is printed."""
    if value is None:
        return text == "N/A"
    unit = 1000 if text.endswith((" L", " Cr")) else 1
    unit = 100_000 if text.endswith(" Cr") else unit
    decimals = len(text.rstrip("%").partition(".")[2]) if unit == 1 else 0
    return abs(number(text) - Decimal(value)) <= Decimal(unit) * Decimal("0.5") / 10**decimals + (
        Decimal("0.005") if text.endswith("%") else 0
    )


def band_of(label, value, on, orders=None):
    """Return the band of a value, by the limits as they are written in the domain."""
    if value is None:
        return "No Data"
    if label == "Undelivered > 10 days":
        return "Excellent" if value == 0 else "Needs Attention" if value <= 2 else "Critical"
    if label == "Total undelivered":
        judged = 100 * Decimal(value) / orders if orders and orders > 100 else value
        return "Excellent" if judged <= 2 else "Good" if judged <= 5 else "Needs Attention"
    over = Decimal(on.day) / monthrange(on.year, on.month)[1]
    scale = over if label == "Repeat contribution" else 1
    limits = [limit * scale for limit in KPIS[label][1]]
    names = ("Excellent", "Good", "Needs Attention", "Critical")
    return next((n for n, limit in zip(names, limits, strict=False) if value >= limit), "Critical")


def added(days, metric, on):
    """Return what a day alone added to a counter, by the value of the day before; None where that is not stored."""
    values = {day.on: day.metrics.get(metric) for day in days}
    before = 0 if on.day == 1 else values.get(on - timedelta(days=1))
    if values.get(on) is None or before is None:
        return None
    return values[on] - before


class OtherRule(Exception):
    """The portal lowered a counter: by rule the fall counts as 0, which the values at both ends cannot show."""


class Day:
    """One random day and the predicates of what its page says."""

    def __init__(self, facts):
        self.facts, self.on, self.metrics = facts, facts.today.on, facts.today.metrics
        self.context = daily_context(facts, RUN, IST)
        self.bands = {
            label: band_of(
                label, self.metrics[metric], self.on, self.metrics["delivery_total_orders"]
            )
            for label, (metric, _) in KPIS.items()
        }
        self.orders, self.leads = len(facts.open_orders), len(facts.open_leads)

    def statements(self):
        yield self.context.health.summary, self.health
        for figure, predicate in zip(
            self.context.key_figures, (self.sale, self.month, self.backlog), strict=True
        ):
            yield f"{figure.label}|{figure.value}", self.amount
            for line in figure.lines:
                yield line, predicate
        for row in self.context.day_rows:
            yield f"{row.label}|{row.note}|{row.tone}|{row.day}|{row.usual}|{row.month}", self.row
        for text in self.context.advice.highlights:
            yield text, self.highlight
        for text in self.context.advice.focus_areas:
            yield text, self.focus_area
        for action in self.context.actions:
            yield action.text, self.action
            for row in action.rows:
                yield row, self.late_order
        for row in self.context.kpis:
            yield f"{row.label}|{row.value}|{row.band}|{row.basis}", self.kpi
        for text in self.context.notes:
            yield text, self.note

    def health(self, text):
        known = [band for band in self.bands.values() if band != "No Data"]
        good = sum(band in STRONG for band in known)
        if found := re.fullmatch(
            r"(\d) of (\d) KPIs are Good or better\. Sales are not part of it\.", text
        ):
            return (int(found[1]), int(found[2])) == (good, len(known)) and known
        return text.startswith("The dashboard showed no values") and not known

    def kpi(self, text):
        label, value, band, basis = text.split("|")
        if found := re.fullmatch(rf"({NUMBER}) of ({NUMBER}) this month", basis):
            orders = self.metrics["delivery_total_orders"]
            judged = orders > 100 and is_printed_as(orders, found[2])
            shown = number(value) if value != "N/A" else 0
            basis = judged and is_printed_as(100 * Decimal(shown) / orders, found[1])
        elif found := re.fullmatch(rf"goal for ({NUMBER}) of the month", basis):
            over = Decimal(100 * self.on.day) / monthrange(self.on.year, self.on.month)[1]
            basis = label == "Repeat contribution" and is_printed_as(over, found[1])
        else:
            basis = basis == ""
        return (
            is_printed_as(self.metrics[KPIS[label][0]], value)
            and band == self.bands[label]
            and basis
        )

    def amount(self, text):
        label, value = text.split("|")
        if label == "Not delivered":
            if Bucket.UNDELIVERED_ALL in self.facts.unread_lists:
                return value == "N/A"
            return is_printed_as(self.rupees(self.facts.open_orders), value)
        if label == f"{self.on:%B} so far":
            return is_printed_as(self.metrics["mtd_revenue"], value)
        is_yesterday = self.on == RUN.report_on
        said = "Yesterday’s sale" if is_yesterday else f"Sale of {self.on:%A}"  # noqa: RUF001
        return label == said and is_printed_as(self.metrics["ftd_revenue"], value)

    @staticmethod
    def rupees(orders):
        return sum(order.net_amount or 0 for order in orders)

    def sold(self, weeks, of=None):
        """Return what the day so many weeks before `of` sold, where it is stored."""
        wanted = (of or self.on) - timedelta(days=7 * weeks)
        return next((d.metrics["ftd_revenue"] for d in self.facts.history if d.on == wanted), None)

    def usual(self, of=None):
        values = [self.sold(weeks, of) for weeks in (1, 2, 3, 4)]
        return [value for value in values if value is not None]

    def changed(self, text, now, before):
        """Whether `12.0% more`, `3.1% less` or `the same` is so."""
        if text == "the same":
            return abs(now - before) <= Decimal("0.0005") * before
        found = re.fullmatch(rf"({NUMBER}|> 999%) (more|less)", text)
        pct = 100 * Decimal(now - before) / before
        size = pct > 999 if found[1] == "> 999%" else is_printed_as(abs(pct), found[1])
        return size and (found[2] == "more") == (pct > 0)

    def sale(self, text):
        now, usual = self.metrics["ftd_revenue"], self.usual()
        if text == "The portal showed no sale of the day.":
            return now is None
        if text == "More was paid back than sold.":
            return now < 0
        if text == f"No sale of an earlier {self.on:%A} is stored yet.":
            return not usual
        mean = Decimal(sum(usual)) / len(usual)
        if found := re.fullmatch(rf"usual {self.on:%A} ({NUMBER})(?: \((\d) of 4 known\))?", text):
            return is_printed_as(mean, found[1]) and len(usual) == int(found[2] or 4)
        return self.changed(text, now, mean)

    def month(self, text):
        now, target = self.metrics["mtd_revenue"], self.metrics["target_revenue"]
        days_left = monthrange(self.on.year, self.on.month)[1] - self.on.day
        if found := re.fullmatch(r"The portal showed no (sale|target) of the month\.", text):
            return {"sale": now, "target": target}[found[1]] is None
        if found := re.fullmatch(rf"(?:({NUMBER}) of )?the target of ({NUMBER})", text):
            share = found[1] is None or is_printed_as(100 * Decimal(now) / target, found[1])
            return share and is_printed_as(target, found[2])
        if found := re.fullmatch(rf"target reached, ({NUMBER}) above it", text):
            return now >= target and is_printed_as(now - target, found[1])
        if found := re.fullmatch(rf"the month ended ({NUMBER}) below its target", text):
            return days_left == 0 and is_printed_as(target - now, found[1])
        if found := re.fullmatch(rf"(\d+) days? left: ({NUMBER}) a day needed", text):
            return int(found[1]) == days_left and is_printed_as(
                (target - now) / days_left, found[2]
            )
        found = re.fullmatch(rf"by \d+ \w+ ({NUMBER})(?:: now (.+))?", text)
        before = self.metrics["lmt_d_revenue"]
        return is_printed_as(before, found[1]) and (
            found[2] is None or self.changed(found[2], now, before)
        )

    def late(self):
        """Return the days after the promised date of each listed order that has one."""
        promised = [
            (o, o.expected_on or (o.ordered_on and o.ordered_on + timedelta(days=3)))
            for o in self.facts.open_orders
        ]
        return {o: (self.on - on).days for o, on in promised if on}

    def backlog(self, text):
        orders = self.facts.open_orders
        if text == "No list of undelivered orders was ever read.":
            return Bucket.UNDELIVERED_ALL in self.facts.unread_lists
        if found := re.fullmatch(r"in (\d+) orders?(, as of \d+ \w+)?", text):
            stale = Bucket.UNDELIVERED_ALL in self.facts.older_lists
            return int(found[1]) == len(orders) and bool(found[2]) == stale
        if found := re.fullmatch(r"(\d+) of them without an amount", text):
            return int(found[1]) == sum(order.net_amount is None for order in orders)
        if found := re.fullmatch(rf"and ({NUMBER}) in (\d+) orders? listed until \d+ \w+", text):
            earlier = self.facts.earlier_orders
            return is_printed_as(self.rupees(earlier), found[1]) and int(found[2]) == len(earlier)
        return self.lateness(text)

    def lateness(self, text):
        late = self.late()
        over = [order for order, days in late.items() if days > 10]
        if found := re.fullmatch(rf"(\d+) over 10 days late, ({NUMBER})", text):
            return int(found[1]) == len(over) and is_printed_as(self.rupees(over), found[2])
        if found := re.fullmatch(r"(\d+) late, none over 10 days", text):
            return not over and int(found[1]) == sum(days > 0 for days in late.values())
        if text == "none is known to be late":
            return all(days <= 0 for days in late.values())
        found = re.fullmatch(r"oldest (\w+), (\d+) days?", text)
        oldest = {o.order_id: days for o, days in late.items()}
        return oldest[found[1]] == max(oldest.values()) == int(found[2])

    def late_order(self, text):
        found = re.fullmatch(rf"(\w+) ({NUMBER}), (\d+) days? late", text)
        order, days = next((o, d) for o, d in self.late().items() if o.order_id == found[1])
        named = [row.split()[0] for action in self.context.actions for row in action.rows]
        others = [
            o.net_amount or -1 for o, d in self.late().items() if d > 0 and o.order_id not in named
        ]
        return (
            is_printed_as(order.net_amount, found[2])
            and days == int(found[3])
            and all((order.net_amount or -1) >= amount for amount in others)
        )

    def note(self, text):
        if text == "The portal showed no sale of last month to the same date.":
            return self.metrics["lmt_d_revenue"] is None
        if text == "The portal showed no value where a count is missing.":
            return any(row.day == "N/A" for row in self.context.day_rows)
        if found := re.fullmatch(r"No list of (.+) was ever read\.", text):
            return LISTS[found[1]] in self.facts.unread_lists
        if found := re.fullmatch(r"The list of (.+) is of .+; no newer one was read\.", text):
            return LISTS[found[1]] in self.facts.older_lists
        turn = f"The portal’s counts and lists began anew on 1 {self.on:%b}."  # noqa: RUF001
        return text == turn and self.on.day <= 10

    def change(self, label, before, direction, day):
        metric = KPIS[label][0]
        earlier = datetime.strptime(f"{day} {self.on.year}", "%d %b %Y").date()  # noqa: DTZ007
        earlier_value = next(
            each.metrics[metric] for each in self.facts.history if each.on == earlier
        )
        went = "up" if self.metrics[metric] > earlier_value else "down"
        return (
            earlier == self.on - timedelta(days=7)
            and is_printed_as(earlier_value, before)
            and went == direction
            and earlier_value != self.metrics[metric]
        )

    def moved(self, label, rest):
        if rest in (None, ""):
            return True
        found = re.fullmatch(rf", (up|down) from ({NUMBER}) on (\d+ \w+)", rest)
        return found and self.change(label, found[2], found[1], found[3])

    def highlight(self, text):
        if text == "Conversion, turnaround and repeat share: none is known to be Good or better.":
            labels = ("Pickup conversion, total", "Delivery within TAT", "Repeat contribution")
            return not any(self.bands[label] in STRONG for label in labels)
        found = re.fullmatch(rf"(.+?): ({NUMBER})(, .+)?\.", text)
        return (
            found
            and is_printed_as(self.metrics[KPIS[found[1]][0]], found[2])
            and self.bands[found[1]] in STRONG
            and self.moved(found[1], found[3])
        )

    def focus_area(self, text):
        labels = (
            "Pickup conversion, total",
            "Total undelivered",
            "Undelivered > 10 days",
            "Repeat contribution",
        )
        if text.endswith("none is known to be below Good."):
            return not any(self.bands[label] in WEAK for label in labels)
        found = re.fullmatch(rf"(.+?): ({NUMBER}), goal (.+?)(, (?:up|down) .+)?\.", text)
        return (
            found
            and is_printed_as(self.metrics[KPIS[found[1]][0]], found[2])
            and self.bands[found[1]] in WEAK
            and self.misses(found[1], found[3])
            and self.moved(found[1], found[4])
        )

    def misses(self, label, goal):
        """Whether the printed goal is not reached, so that it is a goal."""
        value = self.metrics[KPIS[label][0]]
        if goal == "none":
            return value > 0
        if of := re.fullmatch(r"2% of ([\d,]+) orders or fewer", goal):
            return value > Decimal("0.02") * number(of[1])
        if goal.endswith("or fewer"):
            return value > number(goal.split()[0])
        return value < number(goal.split()[0]) + Decimal("0.005")

    def action(self, text):
        bad = {label for label, band in self.bands.items() if band in WEAK}
        if found := re.fullmatch(r"Call the (\d+) (?:person|people) who asked .+", text):
            return int(found[1]) == sum(
                lead.created_on == self.on for lead in self.facts.open_leads
            )
        if found := re.fullmatch(r"Call back the (\d+) open pickup requests?\.", text):
            return int(found[1]) == self.leads and "Pickup conversion, total" in bad
        if re.match("Call the customers? of the", text):
            named = next(action.rows for action in self.context.actions if action.text == text)
            return len(named) == min(4, sum(days > 0 for days in self.late().values()))
        return self.other_action(text, bad)

    def other_action(self, text, bad):
        if found := re.fullmatch(r"Meet the team .+ the (\d+) undelivered orders?\.", text):
            return int(found[1]) == self.orders and "Total undelivered" in bad
        if found := re.fullmatch(
            rf"Find out (?:whether the|which of the) (\d+) orders? listed until .+: ({NUMBER})\.",
            text,
        ):
            earlier = self.facts.earlier_orders
            return int(found[1]) == len(earlier) and is_printed_as(self.rupees(earlier), found[2])
        if found := re.fullmatch(
            rf"To reach the target: sell ({NUMBER}) (?:today|on each of (\d+) days)(?:; a usual (\w+) here sells ({NUMBER}))?\.",
            text,
        ):
            return self.needed(*found.groups())
        return {
            "Work through the lists on the next page.": self.orders or self.leads,
            "Coach the team on call-backs; no open pickup requests are listed.": not self.leads,
            "Look up the undelivered orders in the portal; none is listed here.": not self.orders,
            "Send a targeted message to the last 30 repeat buyers.": "Repeat contribution" in bad,
            "No action follows from these figures.": not self.orders and not self.leads,
        }[text]

    def needed(self, amount, days, weekday, usual):
        left = monthrange(self.on.year, self.on.month)[1] - self.on.day
        missing = self.metrics["target_revenue"] - self.metrics["mtd_revenue"]
        values = self.usual(self.on + timedelta(days=1))
        if weekday is None:
            mean = not values
        else:
            mean = is_printed_as(Decimal(sum(values)) / len(values), usual)
            mean = mean and weekday == f"{self.on + timedelta(days=1):%A}"
        return is_printed_as(missing / left, amount) and int(days or 1) == left and mean

    def row(self, text):
        label, note, tone, day, usual, month = text.split("|")
        others = {
            "Pickups due": lambda: self.pickups_due(note, tone, day),
            "That day’s orders in the list": lambda: (  # noqa: RUF001 - as it is printed
                is_printed_as(self.facts.orders_placed, day) and usual == month == ""
            ),
            "Packages sold": lambda: day == "N/A" and usual == month == "",
        }
        if label in others:
            return others[label]()
        metric = {
            "Pickup requests": "pickup_total_count",
            "Deliveries": "delivery_total_delivered",
            "New customers’ pickups": "pickup_new_count",  # noqa: RUF001 - as it is printed
            "Repeat orders": "repeat_orders",
            "Over ₹800, no package": "package_non_pkg_over_800",
        }[label]
        own = added(self.facts.history, metric, self.on)
        in_month = self.metrics[metric]
        if month != ("" if in_month is None else month) or (
            month and not is_printed_as(in_month, month)
        ):
            return False
        if day == "N/A":
            return in_month is None and tone == "snapshot-neutral"
        if note.startswith("the portal lowered its count"):
            return day == "0" and tone == "snapshot-neutral"
        if note.startswith("since"):
            return own is None and tone == "snapshot-neutral"
        return own == number(day) and self.beside(metric, own, usual, tone)

    def beside(self, metric, own, usual, tone):
        """Whether the usual is the mean of the weekdays before, and a colour only outside of two and more."""
        same = [self.on - timedelta(days=7 * weeks) for weeks in (4, 3, 2, 1)]
        values = [added(self.facts.history, metric, on) for on in same]
        values = [value for value in values if value is not None and value >= 0]
        if not values:
            return usual == "" and tone == "snapshot-neutral"
        outside = len(values) > 1
        return (
            is_printed_as(Decimal(sum(values)) / len(values), usual)
            and (tone == "snapshot-positive") == (outside and own > max(values))
            and (tone == "snapshot-negative") == (outside and own < min(values))
        )

    def pickups_due(self, note, tone, day):
        now, before = self.facts.leads_captured, self.facts.leads_captured_before
        if not is_printed_as(now, day) or tone != "snapshot-neutral":
            return False
        return note == ("" if now is None or before is None else f"day before: {before}")


class PeriodOf:
    """One random week or month of one store and the predicates of what its page says."""

    def __init__(self, facts, pipeline, period):
        self.facts, self.pipeline, self.period = facts, pipeline, period
        self.context = store_context(facts, run_of(pipeline, period), IST)
        self.days = [day for day in facts.days if day.on in period]
        self.bands = {row.label: str(row.band) for row in self.context.kpis}
        self.orders, self.leads = len(facts.open_orders), len(facts.open_leads)

    def statements(self):
        for text in self.context.narrative:
            yield text, self.narrative
        for row in self.context.kpis:
            yield f"{row.label}|{row.value}|{row.band}|{row.best}|{row.worst}", self.kpi
        for text in self.context.insights.highlights:
            yield text, self.highlight
        for text in self.context.insights.risks:
            yield text, self.risk
        for text in self.context.insights.focus:
            yield text, self.focus
        for text in self.context.notes:
            yield text, self.note
        yield from self.page_1()

    def page_1(self):
        for tile in self.context.strip:
            yield f"{tile.label}|{tile.value}|{tile.note}", self.tile
        for one in self.context.key_figures:
            yield f"{one.label}|{one.value}", self.amount
            for text in one.lines:
                yield text, self.beside_amount
        for one in self.context.actions:
            yield one.text, self.action
            for row in one.rows:
                yield row, self.named_order
        for chart in self.context.charts:
            yield chart.alt, self.picture

    def tile(self, text):
        label, value, note = text.split("|")
        metric = COUNTERS[label]
        now = self.sum_of(metric, self.period)
        if note.startswith("without "):
            return (
                any(
                    day.on not in self.stored() or self.stored()[day.on][metric] is None
                    for day in self.every_day()
                )
                or now is None
            )
        if now is None:
            return False
        then = self.sum_of(metric, self.before())
        if note.startswith("not compared with"):
            return is_printed_as(now, value) and (not then or then <= 0)
        found = re.match(r"(?:(up|down) (\d+)%|same as)", note)
        moved = 100 * Decimal(now - then) / then
        sign = {"up": 1, "down": -1, None: 0}[found[1]]
        return is_printed_as(now, value) and abs(moved - sign * int(found[2] or 0)) <= Decimal(
            "0.5"
        )

    def stored(self):
        return {day.on: day.metrics for day in self.facts.days}

    def every_day(self):
        return [StoredDay(on, {}) for on in self.period.days()]

    def last(self, metric):
        return self.days[-1].metrics[metric]

    def known_sale(self):
        known = [d.metrics["ftd_revenue"] for d in self.days]
        known = [value for value in known if value is not None]
        return sum(known) if known else None

    def share(self):
        sold, target = self.last("mtd_revenue"), self.last("target_revenue")
        return None if sold is None or not target else 100 * Decimal(sold) / target

    def amount(self, text):
        label, value = text.split("|")
        if label.startswith("Sale of"):
            return is_printed_as(self.known_sale(), value)
        if label == "Not delivered":
            return is_printed_as(sum(one.net_amount for one in self.facts.open_orders), value)
        if label.startswith("Target of"):
            return is_printed_as(self.share(), value) and self.days[-1].on == self.period.last
        return is_printed_as(self.last("mtd_revenue"), value)

    def beside_amount(self, text):
        for holds in (self.about_days, self.about_target, self.about_orders):
            if (truth := holds(text)) is not None:
                return truth
        found = re.fullmatch(rf".+ ({NUMBER})(?:: now (.+))?", text)
        then = self.last("lmt_d_revenue") if "last month" in text else self.revenue(self.before())
        now = self.last("mtd_revenue") if "last month" in text else self.known_sale()
        return is_printed_as(then, found[1]) and self.is_changed(found[2], now, then)

    def about_days(self, text):
        if found := re.fullmatch(r"without (\d+) days?", text):
            lacking = [on for on in self.period.days() if self.sold_on(on) is None]
            return int(found[1]) == len(lacking)
        if found := re.fullmatch(rf"best .+? ({NUMBER}), least .+? ({NUMBER})", text):
            known = [day.metrics["ftd_revenue"] for day in self.days]
            known = [value for value in known if value is not None]
            return is_printed_as(max(known), found[1]) and is_printed_as(min(known), found[2])
        return None

    def about_target(self, text):
        if text == "The portal showed no target.":
            return self.last("target_revenue") is None
        if found := re.fullmatch(rf"(?:(.+) of )?the target of ({NUMBER})", text):
            printed = found[1] is None or is_printed_as(self.share(), found[1])
            return printed and is_printed_as(self.last("target_revenue"), found[2])
        if text.startswith(("target reached", "the month ended")) or " left: " in text:
            return self.left(text)
        return None

    def about_orders(self, text):
        if found := re.fullmatch(r"in (\d+) orders?", text):
            return int(found[1]) == self.orders
        if found := re.fullmatch(rf"(\d+) over 10 days late, ({NUMBER})", text):
            late = [one for one in self.facts.open_orders if self.days_late(one) > 10]
            worth = sum(one.net_amount for one in late)
            return int(found[1]) == len(late) and is_printed_as(worth, found[2])
        if found := re.fullmatch(r"by the portal (\d+) on .+, (\d+) on .+", text):
            shown = [day.metrics["delivery_total_undelivered"] for day in self.days]
            shown = [value for value in shown if value is not None]
            return (int(found[1]), int(found[2])) == (shown[0], shown[-1])
        return None

    @staticmethod
    def is_changed(text, now, then):
        if text is None:
            return then <= 0 or now is None or now < 0
        change = 100 * (Decimal(now) / then - 1)
        if text == "the same":
            return abs(change) <= Decimal("0.05")
        size, _, way = text.rpartition(" ")
        is_large = size.startswith("> ") and abs(change) > 999
        return (is_large or is_printed_as(abs(change), size)) and (way == "more") == (change > 0)

    def sold_on(self, on):
        return self.stored().get(on, {}).get("ftd_revenue")

    def left(self, text):
        target, sold = self.last("target_revenue"), self.last("mtd_revenue")
        on = self.days[-1].on
        days = monthrange(on.year, on.month)[1] - on.day
        if found := re.fullmatch(rf"target reached, ({NUMBER}) above it", text):
            return sold >= target and is_printed_as(sold - target, found[1])
        if found := re.fullmatch(rf"the month ended ({NUMBER}) below its target", text):
            return not days and is_printed_as(target - sold, found[1])
        found = re.fullmatch(rf"(\d+) days? left: ({NUMBER}) a day needed", text)
        return int(found[1]) == days and is_printed_as((target - sold) / days, found[2])

    def days_late(self, order):
        return (self.period.last - order.expected_on).days

    def action(self, text):
        late = [one for one in self.facts.open_orders if self.days_late(one) > 0]
        if found := re.match(r"Call the customers of the (?:late order|(\d) dearest)", text):
            return len(late) == 1 if found[1] is None else int(found[1]) == min(4, len(late))
        if found := re.fullmatch(r"Call back the (\d+) open pickup requests?\.", text):
            return int(found[1]) == self.leads
        if found := re.fullmatch(rf"To reach .+: sell ({NUMBER}) a day for (\d+) days?\.", text):
            return self.left(f"{found[2]} days left: {found[1]} a day needed")
        return self.focus(text)

    def named_order(self, text):
        found = re.fullmatch(rf"(\w+) ({NUMBER}), (\d+) days? late", text)
        order = next(one for one in self.facts.open_orders if one.order_id == found[1])
        return is_printed_as(order.net_amount, found[2]) and self.days_late(order) == int(found[3])

    def picture(self, text):
        if text.startswith("Line chart of the sale of the month"):
            return self.month_so_far(text)
        if text.startswith("Line chart"):
            return self.line(text)
        for name, listed in re.findall(
            r"(\w+): ([^;]+?)(?:;|\.$)", text.removeprefix("Bar chart. ")
        ):
            for label, value in re.findall(rf"([A-Z]\w\w|Week \d) ({NUMBER})", listed):
                if name == "Revenue" and not is_printed_as(self.bar(label), value):
                    return False
        return True

    def month_so_far(self, text):
        pattern = rf"[^:]+: ({NUMBER}) by .+, target ({NUMBER}), the month .+ day ({NUMBER})\."
        found = re.fullmatch(pattern, text)
        on = self.days[-1].on
        before = on.replace(day=1) - timedelta(days=1)
        same = before.replace(day=on.day) if on.day <= before.day else None
        earlier = self.stored().get(same, {}).get("mtd_revenue")
        return (
            is_printed_as(self.last("mtd_revenue"), found[1])
            and is_printed_as(self.last("target_revenue"), found[2])
            and is_printed_as(earlier, found[3])
        )

    def bar(self, label):
        """Return the sale of a day of the week, or of a block of seven days."""
        if label.startswith("Week "):
            first = 7 * (int(label[5:]) - 1)
            days = list(self.period.days())[first : first + 7]
            known = [value for on in days if (value := self.sold_on(on)) is not None]
            return sum(known) if known else None
        return next(self.sold_on(on) for on in self.period.days() if f"{on:%a}" == label)

    def line(self, text):
        found = re.search(rf"Lowest ({NUMBER}) on .+?, highest ({NUMBER}) on .+?, latest", text)
        known = [day.metrics["ftd_revenue"] for day in self.days]
        known = [value for value in known if value is not None]
        if not found:
            return not known
        return is_printed_as(min(known), found[1]) and is_printed_as(max(known), found[2])

    def sum_of(self, metric, period):
        """Return how much a counter grew, month by month, from the values at both ends alone."""
        values = {day.on: day.metrics[metric] for day in self.facts.days}
        if self.has_fallen(metric):
            raise OtherRule
        grown = 0
        for month in sorted({on.replace(day=1) for on in period.days()}):
            days = [on for on in period.days() if on.replace(day=1) == month]
            before = 0 if days[0].day == 1 else values.get(days[0] - timedelta(days=1))
            after = values.get(days[-1])
            if before is None or after is None:
                return None
            grown += after - before
        return grown

    def revenue(self, period):
        stored = {day.on: day.metrics["ftd_revenue"] for day in self.facts.days}
        values = [stored.get(on) for on in period.days()]
        return None if None in values else sum(values)

    def before(self):
        return histories.before_of(self.period, self.pipeline)

    def narrative(self, text):
        if text.startswith("Revenue of the "):
            known = [d.metrics["ftd_revenue"] for d in self.days]
            known = [value for value in known if value is not None]
            found = re.fullmatch(rf"Revenue of the \w+: ({NUMBER})(?:; (.+))?\.", text)
            return is_printed_as(sum(known) if known else None, found[1]) and (
                found[2] is None or self.against(found[2])
            )
        if found := re.fullmatch(r"Figures of (\d+) days? are missing\.", text):
            return int(found[1]) == len(list(self.period.days())) - len(self.days)
        known = [band for band in self.bands.values() if band != "No Data"]
        good = sum(band in STRONG for band in known)
        if found := re.match(r"(\d) of (\d) KPIs are Good or better", text):
            return (int(found[1]), int(found[2])) == (good, len(known))
        return text.startswith("The dashboard showed no values") and not known

    def against(self, text):
        now, then = self.revenue(self.period), self.revenue(self.before())
        moved = 100 * (now - then) / then
        found = re.match(r"(?:(up|down) (\d+)%|same as)", text)
        sign = {"up": 1, "down": -1, None: 0}[found[1]]
        return then > 0 and now >= 0 and abs(moved - sign * int(found[2] or 0)) <= Decimal("0.5")

    def kpi(self, text):
        label, value, band, best, worst = text.split("|")
        metric = KPIS[label][0]
        shown = [day for day in self.days if day.metrics[metric] is not None]
        if label in COUNTS:
            part, whole = (self.sum_of(name, self.period) for name in COUNTS[label])
            if part is not None and whole:
                rate = Decimal(100 * part) / whole
                return is_printed_as(rate, value) and band == band_of(label, rate, self.period.last)
        if not shown:
            return (value, band) == ("N/A", "No Data") or label in COUNTS
        if label not in COUNTS:
            last = shown[-1]
            orders = last.metrics["delivery_total_orders"]
            wanted = band_of(label, last.metrics[metric], last.on, orders)
            return is_printed_as(last.metrics[metric], value) and band == wanted
        return band in (*STRONG, *WEAK) and best is not None and worst is not None

    def judged(self, text, bands):
        found = re.fullmatch(rf"(.+): ({NUMBER}) \((\w[\w ]*)\)\.", text)
        row = next(row for row in self.context.kpis if found and row.label == found[1])
        return found[2] == row.value and found[3] == str(row.band) and found[3] in bands

    def moves(self, text, pattern, figure):
        found = re.fullmatch(pattern, text)
        now, then = figure(self.period), figure(self.before())
        percent = 100 * Decimal(now - then) / then
        return (
            then > 0 and abs(abs(percent) - int(found[1])) <= Decimal("0.5") and percent
        ), found[2]

    def highlight(self, text):
        if text == "No KPI is known to be Good or better.":
            return not set(self.bands.values()) & set(STRONG)
        if text.startswith("Revenue rose"):
            pattern = rf"Revenue rose (\d+)% against .+, to ({NUMBER})\."
            moved, printed = self.moves(text, pattern, self.revenue)
            return moved > 0 and is_printed_as(self.revenue(self.period), printed)
        if text.startswith("Pickups of new customers rose"):
            new = lambda period: self.sum_of("pickup_new_count", period)  # noqa: E731
            moved, printed = self.moves(text, rf".+ rose (\d+)%, to ({NUMBER})\.", new)
            return moved > 0 and is_printed_as(new(self.period), printed)
        if found := re.fullmatch(rf"Best day: \w+ (.+) with ({NUMBER})\.", text):
            best = max(
                d.metrics["ftd_revenue"] for d in self.days if d.metrics["ftd_revenue"] is not None
            )
            return is_printed_as(best, found[2])
        return self.judged(text, STRONG)

    def risk(self, text):
        if text == "No KPI is known to be below Good, and nothing is open.":
            return not set(self.bands.values()) & set(WEAK) and not self.orders + self.leads
        if text.startswith("Revenue fell"):
            pattern = rf"Revenue fell (\d+)% against .+, to ({NUMBER})\."
            moved, printed = self.moves(text, pattern, self.revenue)
            return moved < 0 and is_printed_as(self.revenue(self.period), printed)
        if found := re.fullmatch(rf"(\d+) orders? undelivered, worth ({NUMBER})\.", text):
            worth = sum(order.net_amount for order in self.facts.open_orders)
            return int(found[1]) == self.orders and is_printed_as(worth, found[2])
        if found := re.fullmatch(r"(\d+) leads? not converted\.", text):
            return int(found[1]) == self.leads
        return self.judged(text, WEAK)

    def focus(self, text):
        bad = {label for label, band in self.bands.items() if band in WEAK}
        late = [one for one in self.facts.open_orders if self.days_late(one) > 0]
        return {
            "No action follows from these figures.": not bad and not self.leads and not late,
            "Audit the missed leads and coach the team on call-backs.": self.leads
            and "Pickup conversion, total" in bad,
            "Coach the team on call-backs; no leads are open.": not self.leads
            and "Pickup conversion, total" in bad,
            "Meet the team for 10 minutes about the undelivered orders, oldest first.": self.orders
            and "Total undelivered" in bad,
            "Look up the undelivered orders in the portal; none is listed.": not self.orders
            and "Total undelivered" in bad,
            "Call the customers of the oldest orders and agree new dates.": (
                "Undelivered > 10 days" in bad
            ),
            "Send a targeted message to the last 30 repeat buyers.": "Repeat contribution" in bad,
            "Review how first-time customers are greeted and called back.": (
                "Pickup conversion, new customers" in bad
            ),
            "Ask regular customers why a pickup was cancelled.": (
                "Pickup conversion, existing customers" in bad
            ),
            "Plan the week's capacity so that promised dates hold.": "Delivery within TAT" in bad,
        }[text]

    def note(self, text):
        stored = {day.on for day in self.days}
        if text.startswith("No dashboard is stored for"):
            return any(on not in stored for on in self.period.days())
        if text.startswith("The export of leads was last read on"):
            return Bucket.MISSED_LEADS in self.facts.older_lists
        if text.startswith("The portal shows a revenue below zero"):
            return any((day.metrics["ftd_revenue"] or 0) < 0 for day in self.days)
        if text.startswith("The portal corrected counters downwards"):
            return self.has_fallen()
        if text.startswith("By the portal's month-to-date revenue"):
            known = [d.metrics["ftd_revenue"] for d in self.days]
            return any(value is not None for value in known)
        return text.startswith(("Rates, best and worst days", "Counts on"))

    def has_fallen(self, *metrics):
        """Whether a counter of a stored day is below that of an earlier one of the same month."""
        for metric in metrics or self.days[0].metrics:
            last = None
            for day in self.facts.days:
                value = day.metrics[metric]
                if value is None:
                    continue
                if last and last[0].month == day.on.month and value < last[1]:
                    return True
                last = day.on, value
        return False


@cache
def everything():
    """Return a list of sentence, whether it holds, and of which history it is."""
    found = []
    for seed in HISTORIES:
        pages = []
        if facts := histories.daily(seed):
            pages.append(Day(facts))
        for pipeline, period in ((Pipeline.WEEKLY, WEEK), (Pipeline.MONTHLY, MONTH)):
            if facts := histories.period(seed, pipeline, period):
                pages.append(PeriodOf(facts, pipeline, period))
        for page in pages:
            for text, holds in page.statements():
                try:
                    truth = bool(holds(text))
                except OtherRule:
                    truth = None
                found.append((text, truth, f"{type(page).__name__} {seed}"))
    return found


def test_every_statement_of_a_page_is_true():
    lies = [(text, where) for text, truth, where in everything() if truth is False]
    assert lies == []


def test_few_statements_could_not_be_worked_out_a_second_time():
    unknown = [text for text, truth, _ in everything() if truth is None]
    assert len(unknown) < 0.05 * len(everything())


def test_many_different_statements_were_looked_at():
    kinds = Counter(re.sub(r"[\d,.]+", "#", text) for text, *_ in everything())
    assert len(everything()) > 10_000
    assert len(kinds) > 200


@pytest.mark.parametrize(
    ("lie", "is_one"),
    [
        ("Pickup conversion, total: 12% (Good).", True),
        ("Pickup conversion dipped: review the quality of the leads.", True),
    ],
)
def test_a_lie_would_be_found(lie, is_one):
    facts = next(facts for seed in HISTORIES if (facts := histories.daily(seed)))
    page = Day(facts)
    assert (not page.highlight(lie)) is is_one
