"""One mail of each kind, as the planner makes it: for the tests and pictures of their pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lib.domain import headline as daily_figures
from lib.domain import period_headline as period_figures
from lib.domain.headline import DaySale, Month, Sale
from lib.domain.period_headline import (
    CombinedHeadline,
    FirstStore,
    OpenOrders,
    PeriodHeadline,
    PeriodSale,
)
from lib.domain.pipelines import PIPELINES
from lib.model import Pipeline
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Facts, Template
from lib.notify.outbox import digest
from lib.notify.outbox.rules import Content, Key, OutboxEntry
from lib.notify.plan.build import build
from lib.notify.plan.corrections import corrected, corrections
from lib.notify.plan.late import late_mails
from tests.factories.headline import SATURDAY, headline
from tests.factories.notify import PROFILE, RUN, document, facts, recipient

SUNDAY = date(2026, 11, 22)
NAMES = {"A668": "Riverside Colony", "TS48": "Clock Tower", "B002": "Lakeview"}
REPORT = Template(1, "{{ headline }}", "{{ report_text }}")
RESULT = Template(1, "{{ result }}", "{{ result_text }}")
CODES = ["A668", "B002", "TS48", *(f"A{number}" for number in range(1, 14))]

WEEK = PeriodHeadline(
    store_code="A668",
    store_name="Riverside Colony",
    first=date(2026, 11, 16),
    last=SUNDAY,
    before_first=date(2026, 11, 9),
    before_last=date(2026, 11, 15),
    sale=PeriodSale(67576, 7, 7, 73452),
    month=Month(SUNDAY, 199_000, 300_000, None),
    undelivered=OpenOrders(24, 14153, 14),
    counts=(),
)
ALL_STORES = CombinedHeadline(
    first=SATURDAY,
    last=SATURDAY,
    stores=16,
    without_data=(),
    sale=241943,
    before_name="usual Saturday",
    compared=PeriodSale(241943, 1, 1, 302185),
    month=Month(SATURDAY, 7_280_000, 8_300_000, None),
    at_month_end=7_800_000,
    undelivered=OpenOrders(435, 277689, 219),
    look_first=(
        FirstStore("Clock Tower", "60 % of target, pace 64 %, on time 82 % last week"),
        FirstStore("Lakeview", "65 % of target, 22 orders over 10 days old (most)"),
        FirstStore("Sunrise", "₹28,824 undelivered (most), though 118 % of target"),
    ),
)


def samples() -> dict[str, PlannedMail]:
    """Return the mails by a short name."""
    owner = report_mail(kept(daily_figures.to_json(headline())))
    week = report_mail(kept(period_figures.to_json(WEEK)), Pipeline.WEEKLY, SUNDAY)

    return {
        "owner": owner,
        "owner-without-figures": report_mail(None),
        "late": _late(),
        "corrected": _corrected(),
        "week": week,
        "weeks": _weeks(),
        "all-stores": report_mail(
            kept(period_figures.to_json(ALL_STORES)), code="ALL", scope="combined"
        ),
        "run-ok": _run(CODES, ()),
        "run-failed": _run(CODES[:1] + CODES[3:], FAILED, status="error"),
    }


def report_mail(
    figures: Mapping[str, Any] | None,
    pipeline: str = Pipeline.DAILY,
    on: date = SATURDAY,
    *,
    code: str = "A668",
    scope: str = "store",
    template: Template = REPORT,
    name: str = "Riverside Colony",
) -> PlannedMail:
    """Return the mail that brings a report of one store or of all."""
    names = NAMES | {"A668": name}
    report = document(code, doc_type=PIPELINES[Pipeline(pipeline)].document_type, figures=figures)
    given = _facts(
        pipeline,
        on,
        template,
        scope=scope,
        documents=(report,),
        store_names=names,
    )
    [mail] = build(given).mails

    return mail


def kept(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures as a row has them."""
    return json.loads(json.dumps(figures, default=str))


def _facts(
    pipeline: str,
    on: date,
    template: Template,
    *,
    scope: str,
    **changes: Any,
) -> Facts:
    began = datetime(on.year, on.month, on.day, 2, 32, tzinfo=UTC) + timedelta(days=1)
    run = replace(
        RUN,
        pipeline_name=pipeline,
        report_on=on,
        run_env="prod",
        started_at=began,
        finished_at=began + timedelta(seconds=76),
    )
    mode = "none" if scope == "run" else "per_store_pdf"
    profile = replace(PROFILE, scope=scope, attach_mode=mode)

    given = facts(
        pipeline_name=pipeline,
        run=run,
        profiles=(profile,),
        templates=(template,),
        recipients=(recipient("owner"),),
        zone=ZoneInfo("Asia/Kolkata"),
        has_answer=True,
    )
    return replace(given, **changes)


def _late() -> PlannedMail:
    given = _facts(Pipeline.DAILY, SATURDAY, REPORT, scope="store", store_names=NAMES)
    [mail] = late_mails(given, given.run, {"TS48": "a server error (status 500)"})

    return mail


def _corrected() -> PlannedMail:
    said = kept(daily_figures.to_json(headline()))
    sale = Sale((*headline().sale.days[:-1], DaySale(SATURDAY, 9124)))
    month = Month(SATURDAY, 269275, 300000, 346561)
    right = kept(daily_figures.to_json(headline(sale=sale, month=month)))

    return corrected(report_mail(right), corrections(said, right))


def _weeks() -> PlannedMail:
    entries = []

    for weeks, rupees in ((2, 61200), (1, 73452), (0, 67576)):
        last = SUNDAY - timedelta(weeks=weeks)
        sale = PeriodSale(rupees, 7, 7, 70000)
        figures = replace(WEEK, last=last, sale=sale)
        mail = report_mail(kept(period_figures.to_json(figures)), Pipeline.WEEKLY, last)
        key = Key(Pipeline.WEEKLY, last, "readers", "any", "A668")
        content = Content("first", f"run-{weeks}", "<1@example.invalid>")
        entries.append(OutboxEntry(key, mail, mail.to, content, RUN.finished_at, 0))

    return digest.merged(entries, lambda _: 0)


FAILED = (
    {
        "rank": "root",
        "reason": "a server error (status 500)",
        "stores": {"TS48": ["dashboard"], "B002": ["dashboard", "missed_leads"]},
        "others": [],
    },
    {
        "rank": "consequence",
        "reason": "no dashboard of the store for 2026-11-28 is stored; see the scrape phase",
        "stores": {"TS48": [], "B002": []},
        "others": [],
    },
    {
        "rank": "remark",
        "reason": "no number under Undel. > 10 Days",
        "stores": {"A1": []},
        "others": [],
    },
)


def _run(made: list[str], causes: Any, status: str = "ok") -> PlannedMail:
    given = _facts(Pipeline.DAILY, SATURDAY, RESULT, scope="run")
    buckets = {"missed_leads": {"counts": {"ingested_rows": 4120}}}
    metrics = {"stores": {"expected": CODES}, "causes": list(causes), "buckets": buckets}
    run = replace(given.run, overall_status=status, metrics=metrics)
    documents = tuple(document(code) for code in made)

    # The mails of the stores are there to be counted.
    stores = replace(PROFILE, id=2, code="stores", scope="store")
    given = replace(
        given,
        run=run,
        documents=documents,
        profiles=(*given.profiles, stores),
        templates=(RESULT, replace(REPORT, profile_id=2)),
        recipients=(recipient("operators"), recipient("owner", profile_id=2)),
    )
    return build(given).mails[0]
