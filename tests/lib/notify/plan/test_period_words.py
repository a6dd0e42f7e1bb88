"""Mails about a week, a month and all stores: what the frozen figures say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from lib.domain.headline import Count, Month
from lib.domain.period_headline import (
    CombinedHeadline,
    FirstStore,
    OpenOrders,
    PeriodCount,
    PeriodSale,
    to_json,
)
from lib.model import Pipeline
from lib.notify.plan.owner_mail import MailedReport, owner_mail
from tests.factories import mail_samples

SUNDAY = date(2026, 11, 22)
DASH = "\N{EN DASH}"
WEEK = replace(
    mail_samples.WEEK,
    counts=(PeriodCount(Count.PICKUPS, 70), PeriodCount(Count.DELIVERIES, None)),
)
ALL = CombinedHeadline(
    first=SUNDAY,
    last=SUNDAY,
    stores=14,
    without_data=("Clock Tower", "B002"),
    sale=241943,
    before_name="usual Sunday",
    compared=PeriodSale(241943, 1, 1, 302185),
    month=Month(SUNDAY, 7_280_000, 8_300_000, None),
    at_month_end=Decimal(7_800_000),
    undelivered=OpenOrders(435, 277689, 219),
    look_first=(FirstStore("Lakeview", "65 % of target"),),
)


def mail_of(figures, pipeline=Pipeline.WEEKLY, code="A668", name="Riverside Colony"):
    kept = json.loads(json.dumps(to_json(figures), default=str))
    report = MailedReport(pipeline, SUNDAY, code, name, kept)
    return owner_mail(report, is_attached=True, has_answer=False)


def test_a_weeks_mail():
    mail = mail_of(WEEK)

    assert mail.headline == f"Riverside Colony, 16{DASH}22 Nov: ₹67,576, ▼ 8.0%"
    assert mail.panel.preview == "Month ₹1,99,000 of ₹3,00,000 · 24 orders undelivered"
    assert mail.panel.text.splitlines()[:-2] == [
        "Riverside Colony",
        f"Week 16{DASH}22 Nov",
        "",
        f"₹67,576   ▼ 8.0% from 9{DASH}15 Nov ₹73,452",
        "Month ₹1,99,000 of ₹3,00,000   66.3%",
        "Not delivered ₹14,153   24 orders",
        "",
        "Pickups 70",
        "The full weekly report is attached.",
    ]


@pytest.mark.parametrize(
    ("sale", "line", "text"),
    [
        (PeriodSale(None, 0, 7), "sale not known", "0 of 7 days have a figure."),
        (PeriodSale(500, 6, 7), "₹500", "6 of 7 days have a figure."),
        (PeriodSale(500, 7, 7, 500), "₹500", f"₹500   9{DASH}15 Nov ₹500"),
        (PeriodSale(500, 7, 7, 0), "₹500", "₹500\n"),
    ],
    ids=["no day", "a day missing", "no change", "nothing before"],
)
def test_a_week_says_what_is_known(sale, line, text):
    mail = mail_of(replace(WEEK, sale=sale))

    assert mail.line == f"16{DASH}22 Nov: {line}"
    assert text in mail.panel.text


def test_the_mail_about_all_stores():
    mail = mail_of(ALL, Pipeline.DAILY, "ALL", "All stores")

    assert mail.headline == ("All stores, Sun 22 Nov: ₹2,41,943, ▼ 19.9%, 435 orders undelivered")
    assert mail.panel.preview == "Month ₹72.8 L of ₹83 L · look first at Lakeview"
    assert mail.panel.text.splitlines()[2:] == [
        "",
        "₹2,41,943   ▼ 19.9% usual Sunday ₹3,02,185",
        "Month ₹72.8 L of ₹83 L   87.7%",
        "At this pace, at the month's end   ₹78 L",
        "Not delivered ₹2,77,689   435 orders",
        "",
        "Look at these first",
        "1. Lakeview: 65 % of target",
        "",
        "14 stores with data.",
        "Without data: Clock Tower, B002.",
        "The full daily report is attached.",
        "",
        "You get this because the reports of all stores together are mailed to this address.",
    ]


def test_an_amount_of_some_stores_is_not_set_beside_that_of_all():
    some = replace(ALL, compared=PeriodSale(200_000, 1, 1, 250_000))
    text = mail_of(some, Pipeline.DAILY, "ALL", "All stores").panel.text

    assert "₹2,41,943   ▼ 20.0% usual Sunday\n" in text


def test_all_stores_without_any_figure():
    bare = replace(
        ALL,
        sale=None,
        compared=None,
        month=None,
        at_month_end=None,
        undelivered=None,
        look_first=(),
        without_data=(),
        stores=1,
    )
    mail = mail_of(bare, Pipeline.DAILY, "ALL", "All stores")

    assert mail.line == "Sun 22 Nov: sale not known"
    assert mail.panel.preview == ""
    assert mail.panel.text.splitlines()[2:6] == [
        "",
        "Sale not known",
        "",
        "1 store with data.",
    ]
