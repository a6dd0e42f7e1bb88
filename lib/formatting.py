"""How numbers and dates are printed: Indian digit groups, ₹, 0 as 0, null as N/A."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from lib.model import MetricKind
from lib.plural import plural_of

NOTHING = "N/A"
PAISA = Decimal("0.01")
TENTH = Decimal("0.1")
#: A larger percentage is printed as larger than this.
MOST_PERCENT = 999
#: Of a name in a sentence; some have 110.
LETTERS = 40
LAKH, CRORE = 100_000, 10_000_000
#: Rupees from which on a summary has lakh or crore: what is longer does not fit its place.
SHORT_FROM = 10 * LAKH


def figure(
    value: Decimal | int | None,
    kind: MetricKind,
) -> str:
    """Return one metric as printed: `₹9,12,451`, `82.0%`, `1,012`; null is `N/A`."""
    match kind:
        case MetricKind.MONEY:
            return rupees(value)
        case MetricKind.PERCENT:
            return percent(value)
        case MetricKind.COUNT:
            return count(value)


def rupees(value: Decimal | int | None) -> str:
    """Return whole rupees, as every summary has them: `₹9,12,451`, `₹0`."""
    if value is None:
        return NOTHING

    amount = Decimal(value).quantize(Decimal(1), ROUND_HALF_UP)
    return _rupees(amount, "")


def short_rupees(value: Decimal | int | None) -> str:
    """Return whole rupees below ten lakh, then lakh and crore: `₹12.35 L`, `₹1.2 Cr`."""
    if value is None:
        return NOTHING

    size = abs(Decimal(value))
    if size < SHORT_FROM:
        return rupees(value)

    # Rounding may reach the next unit: 99,99,999 is 1 Cr.
    unit, name = (CRORE, "Cr") if size >= CRORE - LAKH // 200 else (LAKH, "L")
    amount = (size / unit).quantize(PAISA, ROUND_HALF_UP)
    part = str(amount % 1).rstrip("0").rstrip(".")[1:]

    return _signed(value, f"₹{_grouped(int(amount))}{part} {name}")


def rupees_and_paise(value: Decimal | None) -> str:
    """Return an amount as it stands in a column: always two decimals."""
    if value is None:
        return NOTHING

    amount = value.quantize(PAISA, ROUND_HALF_UP)
    return _rupees(amount, _paise(amount))


def percent(value: Decimal | int | None) -> str:
    """Return a percentage with one decimal: `82.0%`.

    What is larger than 999% is printed as `> 999%`: more figures have no room.
    """
    if value is None:
        return NOTHING

    rounded = Decimal(value).quantize(TENTH, ROUND_HALF_UP)
    if abs(rounded) > MOST_PERCENT:
        return f"> {MOST_PERCENT}%" if rounded > 0 else f"< \N{MINUS SIGN}{MOST_PERCENT}%"

    return _signed(rounded, f"{abs(rounded):f}%")


def judged_percent(
    value: Decimal | int | None,
    limits: Iterable[Decimal | int],
) -> str:
    """Return a percentage that does not look like one of `limits` unless it reaches it.

    `81.95%` below a limit of 82, where one decimal would say `82.0%`.
    """
    if value is None:
        return NOTHING

    rounded = Decimal(value).quantize(TENTH, ROUND_HALF_UP)

    if any(value < limit <= rounded for limit in limits):
        return f"{Decimal(value).quantize(PAISA, ROUND_FLOOR):f}%"

    return percent(value)


def count(value: Decimal | int | None) -> str:
    """Return a whole number in Indian groups: `1,00,012`."""
    if value is None:
        return NOTHING

    whole = int(value)
    return _signed(whole, _grouped(abs(whole)))


def average(
    value: Decimal | int | None,
    kind: MetricKind,
) -> str:
    """Return a mean with at most one decimal where the metric itself has none: `4.3`, `82.0%`."""
    if value is None or kind is not MetricKind.COUNT:
        return figure(value, kind)

    return _plain(Decimal(value).quantize(TENTH, ROUND_HALF_UP))


def counted(number: int, noun: str) -> str:
    """Return `1 order`, `1,012 orders`: `lib.plural.counted` in Indian groups."""
    return f"{count(number)} {plural_of(noun, number)}"


def shortened(name: str) -> str:
    """Return a name as a sentence has room for it: of more than 40 letters the first ones."""
    if len(name) <= LETTERS:
        return name

    return f"{name[: LETTERS - 1].rstrip()}…"


def one_decimal(value: Decimal) -> str:
    """Return a difference as the snapshot notes print it: `12.0`, `1,234.0`."""
    rounded = abs(value).quantize(TENTH, ROUND_HALF_UP)
    return f"{_grouped(int(rounded))}.{str(rounded)[-1]}"


def day(value: date | None) -> str:
    """Return `14 Nov 2025`, never with a month that could be taken for a day."""
    return NOTHING if value is None else f"{value.day} {value:%b %Y}"


def short_day(value: date | None) -> str:
    """Return `14 Nov`, where the year is clear from the page."""
    return NOTHING if value is None else f"{value.day} {value:%b}"


def phone_link(phone: str) -> str:
    """Return the `tel:` address of a phone number; empty for what cannot be dialled."""
    digits = re.sub(r"[ ()-]", "", phone)

    return f"tel:{digits}" if re.fullmatch(r"\+?[0-9]{6,15}", digits) else ""


def day_and_time(value: datetime, zone: ZoneInfo) -> str:
    """Return an instant on the store's wall clock with its zone: `15 Nov 2025, 07:12 IST`."""
    local = value.astimezone(zone)
    return f"{day(local.date())}, {local:%H:%M %Z}"


def _rupees(amount: Decimal, paise: str) -> str:
    return _signed(amount, f"₹{_grouped(int(abs(amount)))}{paise}")


def _paise(amount: Decimal) -> str:
    return str(abs(amount))[-3:]


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".")


def _signed(
    value: Decimal | int,
    text: str,
) -> str:
    return f"\N{MINUS SIGN}{text}" if value < 0 else text


def _grouped(whole: int) -> str:
    """Return the digits in groups, the last of three and the others of two: 1,23,45,678."""
    digits = str(whole)

    head, groups = digits[:-3], [digits[-3:]]

    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]

    return ",".join(groups)
