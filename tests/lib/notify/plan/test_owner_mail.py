"""The mail that brings a report says what the frozen figures say, and nothing that they do not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.headline import (
    Age,
    AgeGroup,
    Count,
    DayCount,
    DaySale,
    Missing,
    Month,
    Sale,
    Undelivered,
    to_json,
)
from lib.model import Pipeline
from lib.notify.model import panel as panels
from lib.notify.model.panel import BlockKind
from lib.notify.plan.owner_mail import MailedReport, owner_mail
from tests.factories.headline import SATURDAY, headline

ORDINARY = headline()
WHY = "You get this because the reports of A668 are mailed to this address."


def mail_of(figures=ORDINARY, *, has_answer=False, kept=None, **changes):
    if figures:
        kept = json.loads(json.dumps(to_json(figures), default=str))

    report = MailedReport(Pipeline.DAILY, SATURDAY, "A668", "Riverside Colony", kept)
    return owner_mail(replace(report, **changes), is_attached=True, has_answer=has_answer)


def test_subject_preview_and_text_are_those_of_the_wireframe():
    mail = mail_of(has_answer=True)

    assert mail.headline == (
        "Riverside Colony, Sat 28 Nov: ₹8,924 (usual Sat ₹12,937), 24 orders undelivered"
    )
    assert mail.line == "Sat 28 Nov: ₹8,924 (usual Sat ₹12,937), 24 orders undelivered"
    assert mail.panel.preview == (
        "Month ₹2,69,075 of ₹3,00,000, 2 days left · 7 people to call today"
    )
    assert mail.panel.text.splitlines() == [
        "Riverside Colony",
        "Saturday 28 Nov",
        "",
        "₹8,924   ▼ 31.0% usual Sat ₹12,937",
        "Month ₹2,69,075 of ₹3,00,000   89.7%",
        "",
        "Do today",
        "1. Call 7 people who asked for a pickup and have no order",
        "2. 11 orders over 10 days late, ₹6,288: T18193, T18187, …",
        "3. ₹15,463 a day reaches the target",
        "",
        "Pickups 10 · Deliveries 12 · New 5 · Repeat 2",
        "The full daily report is attached.",
        "",
        f"{WHY} Wrong person? Reply to this mail.",
    ]
    [bar] = [block for block in mail.panel.blocks if block.kind is BlockKind.BAR]
    assert bar.share_pct == 89


def lines(**changes):
    return mail_of(replace(ORDINARY, **changes)).panel.text.splitlines()[3:-2]


UNSOLD = Sale((DaySale(SATURDAY, None),))
NO_LIST = "The list of undelivered orders was not read."


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"sale": UNSOLD}, "sale not known, 24 orders undelivered"),
        ({"sale": Sale((DaySale(SATURDAY, 0),))}, "₹0, 24 orders undelivered"),
        ({"undelivered": None}, "₹8,924 (usual Sat ₹12,937)"),
        (
            {"undelivered": Undelivered(date(2026, 11, 27), (AgeGroup(Age.DUE_TODAY, 1, 90),))},
            "₹8,924 (usual Sat ₹12,937), 1 order undelivered on 27 Nov",
        ),
        (
            {"undelivered": Undelivered(SATURDAY, ())},
            "₹8,924 (usual Sat ₹12,937), 0 orders undelivered",
        ),
    ],
    ids=["no sale", "nothing sold", "no list", "an older list", "nothing undelivered"],
)
def test_what_is_unknown_is_no_zero_in_the_subject(changes, subject):
    assert mail_of(replace(ORDINARY, **changes)).line == f"Sat 28 Nov: {subject}"


def test_without_any_figure_only_reasons_are_left():
    assert lines(
        sale=UNSOLD,
        month=Month(SATURDAY, None, None, None),
        undelivered=None,
        requests_without_order=None,
        counts=(),
        missing={Missing.UNDELIVERED: NO_LIST, Missing.COUNTS: NO_LIST},
    ) == ["Sale not known", "", NO_LIST, "The full daily report is attached."]


def test_a_month_without_target_has_neither_share_nor_bar():
    month = Month(SATURDAY, 1234567, None, None)
    mail = mail_of(replace(ORDINARY, month=month))

    assert "Month ₹12.35 L" in mail.panel.text.splitlines()
    assert BlockKind.BAR not in {block.kind for block in mail.panel.blocks}
    assert "target" not in mail.panel.text


@pytest.mark.parametrize(("to_date", "share"), [(0, 0), (900_000, 100), (-50, 0)])
def test_a_bar_stays_in_its_place(to_date, share):
    mail = mail_of(replace(ORDINARY, month=Month(SATURDAY, to_date, 300_000, None)))
    [bar] = [block for block in mail.panel.blocks if block.kind is BlockKind.BAR]

    assert bar.share_pct == share


def test_with_nothing_to_do_there_is_no_list():
    text = "\n".join(
        lines(
            requests_without_order=0,
            month=Month(SATURDAY, 300_000, 300_000, None),
            undelivered=Undelivered(SATURDAY, (AgeGroup(Age.NOT_DUE, 4, 500),)),
        )
    )
    assert "Do today" not in text


def test_late_orders_that_are_not_old_are_named_as_late():
    group = AgeGroup(Age.UP_TO_3_DAYS, 1, 2648)
    dearest = ORDINARY.undelivered.dearest_late[:1]
    text = "\n".join(lines(undelivered=Undelivered(SATURDAY, (group,), dearest_late=dearest)))

    assert "2. 1 order late: T18394\n" in text


def test_a_count_of_several_days_is_not_given_as_one_days():
    several = DayCount(Count.PICKUPS, 30, since=date(2026, 11, 26))
    assert "Pickups" not in "\n".join(lines(counts=(several,)))


@pytest.mark.parametrize(
    ("pipeline", "on", "headline_text", "subtitle"),
    [
        (
            Pipeline.WEEKLY,
            date(2026, 11, 22),
            "16\N{EN DASH}22 Nov: weekly report",
            "Week 16\N{EN DASH}22 Nov",
        ),
        (Pipeline.MONTHLY, date(2026, 11, 30), "Nov 2026: monthly report", "November 2026"),
        ("other", date(2026, 11, 30), "30 Nov: other report", "30 Nov"),
    ],
)
def test_a_report_without_figures_says_what_is_attached(pipeline, on, headline_text, subtitle):
    mail = mail_of(None, pipeline_name=pipeline, report_on=on)

    assert mail.headline == f"Riverside Colony, {headline_text}"
    assert mail.panel.preview == ""
    assert mail.panel.text.splitlines() == [
        "Riverside Colony",
        subtitle,
        "",
        f"The full {mail.line.split(': ')[1]} is attached.",
        "",
        WHY,
    ]


def test_figures_of_an_unknown_kind_or_version_say_nothing():
    for kept in ({"kind": "hourly", "version": 1}, {"kind": "daily", "version": 99}):
        assert mail_of(None, kept=kept).line == "Sat 28 Nov: daily report"


def test_a_panel_comes_back_from_the_database_as_it_was():
    panel = mail_of().panel

    assert panels.from_json(json.loads(json.dumps(panel.as_json()))) == panel
    assert panels.from_json(None) is None


@given(st.integers(0, 10**11), st.integers(1, 10**11), st.integers(0, 400), st.integers(0, 400))
def test_whatever_the_figures_are_the_mail_stays_short(sale, target, calls, late):
    changed = replace(
        ORDINARY,
        sale=Sale((*ORDINARY.sale.days[:-1], DaySale(SATURDAY, sale))),
        month=Month(SATURDAY, sale, target, None),
        requests_without_order=calls,
        undelivered=Undelivered(SATURDAY, (AgeGroup(Age.OVER_10_DAYS, late, sale),)),
    )
    mail = mail_of(changed)

    assert len(mail.headline) < 120
    assert max(map(len, mail.panel.text.splitlines()[:-1])) < 80
    assert len(mail.panel.blocks) < 15
