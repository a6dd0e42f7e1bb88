"""The weekly and the monthly job as their users meet them.

Processes, real PDFs, a real database, real mails.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lib import dates
from lib.db.tables import documents, pipeline_run_summaries
from tests.factories.tables import add_day, add_store
from tests.plugins.chain import mailed_reports

STORES = ("A668", "A817")


@pytest.fixture
def today(chain):
    return chain.portal.control.today


@pytest.fixture
def weeks(chain, today):
    """The last three complete weeks, each with two days of data of A668, and one of A817 in the last week only."""
    latest = dates.last_complete_week(today)
    found = [dates.week_of(latest.first - timedelta(days=7 * ago)) for ago in (2, 1, 0)]
    for code in STORES:
        add_store(chain.engine, code, f"STORE {code}")
    for week in found:
        for number in (1, 2):
            add_day(
                chain.engine, week.first + timedelta(days=number), **figures(week.first.day, number)
            )
    add_day(chain.engine, latest.first, "A817", **figures(latest.first.day, 1))
    # On a Monday a week waits for its last day.
    for code in STORES:
        add_day(chain.engine, latest.last, code, **figures(latest.first.day, 3))
    return found


def figures(day, number):
    return {
        "ftd_revenue": 1000 * number,
        "mtd_revenue": 1000 * number,
        "pickup_total_count": day + number,
    }


def run_rows(chain):
    columns = ("report_date", "overall_status", "closes", "metrics_json", "summary_text")
    with chain.engine.connect() as connection:
        query = select(*(pipeline_run_summaries.c[name] for name in columns)).order_by(
            pipeline_run_summaries.c.id
        )
        return list(connection.execute(query))


def made(chain):
    with chain.engine.connect() as connection:
        rows = connection.execute(
            select(documents.c.doc_date, documents.c.reference_id_3, documents.c.status)
        )
        return sorted(tuple(row) for row in rows)


def test_missed_weeks_are_caught_up_once_and_people_get_one_mail_each(chain, weeks):
    done = chain.run("weekly")

    assert done.code == 0, done.output
    lasts = [week.last for week in weeks]
    assert [(row.report_date, row.closes) for row in run_rows(chain)] == [
        (last, True) for last in lasts
    ]
    latest = [(lasts[2], code, "ok") for code in ("A668", "A817", "ALL")]
    assert made(chain) == [
        *((last, code, "ok") for last in lasts[:2] for code in ("A668", "ALL")),
        *latest,
    ]
    mails = chain.mailbox.messages()
    span = [f"{week.first}/{week.last}" for week in weeks]
    assert mailed_reports(chain) == [
        *(("A668", each) for each in span),
        ("A817", span[2]),
        *(("ALL", each) for each in span),
    ]
    assert len(mails) == 4, "one about each store, one about all, one about the run"
    metrics = run_rows(chain)[0].metrics_json
    assert metrics["stores_with_data"] == ["A668"]
    assert metrics["stores_without_data"] == ["A817"]
    assert metrics["rows_found"] == 2
    assert metrics["pdfs_generated"] == 2
    assert f"A817: no data in {weeks[0]}, so it has no report" in run_rows(chain)[0].summary_text

    before = run_rows(chain), made(chain), len(mails)
    again = chain.run("weekly")
    assert again.code == 0
    assert "to do: nothing" in again.messages("info")
    assert (run_rows(chain), made(chain), len(chain.mailbox.messages())) == before


def test_a_dry_run_prints_the_plan_and_leaves_nothing(chain, weeks):
    done = chain.run("weekly", "--dry-run", REPORT_EMAIL_SMTP_HOST=None)

    assert done.code == 0
    plan = [
        message for message in done.messages("info") if message.startswith(("to do", "left out"))
    ]
    assert plan == [f"to do: {dates.week_label(week)} ({week})" for week in weeks]
    assert (run_rows(chain), made(chain), chain.mailbox.messages()) == ([], [], [])


@pytest.mark.usefixtures("undrawn")
def test_one_week_is_made_again_with_force_and_then_closes_it(chain, weeks):
    label = dates.week_label(weeks[2])
    chain.run("weekly", "--period", label, "--no-notify")
    assert chain.run("weekly", "--period", label).code == 0
    assert chain.mailbox.messages() == []

    asked = chain.run("weekly", "--period", label, "--force", "--dry-run")
    done = chain.run("weekly", "--period", label, "--force")

    assert done.code == 0, done.output
    for each in (asked, done):
        [about_all, about_run, *about_stores] = [
            text for text in each.messages("warning") if "--force mails again" in text
        ]
        assert about_all.startswith("--force mails again: all_stores_report ALL: to ")
        assert about_run.startswith("--force mails again: run_summary: to ")
        assert [text.split()[4] for text in about_stores] == ["A668:", "A817:"]
    assert [row.closes for row in run_rows(chain)] == [False, True]
    assert len(made(chain)) == 6
    assert len(chain.mailbox.messages()) == 4


@pytest.mark.usefixtures("undrawn")
def test_some_stores_close_nothing_and_the_rest_is_made_later(chain, weeks):
    assert (
        chain.run("weekly", "--stores", "A668", "--period", str(weeks[2].first), "--no-notify").code
        == 0
    )
    assert [row.closes for row in run_rows(chain)] == [False]

    assert chain.run("weekly", "--period", str(weeks[2].first), "--no-notify").code == 0

    assert [row.closes for row in run_rows(chain)] == [False, True]
    assert made(chain) == [(weeks[2].last, code, "ok") for code in ("A668", "A817", "ALL")]


@pytest.mark.usefixtures("undrawn")
def test_a_week_without_data_stays_open_and_is_told_once(chain, weeks):
    empty = dates.week_label(dates.week_of(weeks[0].first - timedelta(days=7)))
    for _ in range(2):
        assert chain.run("weekly", "--period", empty).code == 0

    assert [(row.overall_status, row.closes) for row in run_rows(chain)] == [("warning", False)] * 2
    assert len(chain.mailbox.messages()) == 1


def test_the_month_closes_with_its_last_day(chain, today):
    month = dates.last_complete_month(today)
    # On the first a month waits for the last day of every store.
    for code in STORES:
        add_store(chain.engine, code, f"STORE {code}")
        add_day(chain.engine, month.last, code, **figures(1, 1))

    done = chain.run("monthly")

    assert done.code == 0, done.output
    assert [(row.report_date, row.closes) for row in run_rows(chain)] == [(month.last, True)]
    assert made(chain) == [(month.last, code, "ok") for code in (*STORES, "ALL")]


@pytest.mark.parametrize(
    ("job", "flags", "message"),
    [
        pytest.param(
            "weekly",
            ["--period", "2025-W54"],
            "'2025-W54' does not exist in the calendar",
            id="no such week",
        ),
        pytest.param(
            "monthly", ["--period", "2125-10"], "is not complete yet", id="a future month"
        ),
        pytest.param("monthly", ["--period", "october"], "is not a month", id="no month"),
        pytest.param(
            "weekly", ["--stores", "Z999"], "--stores names Z999", id="a store not in the list"
        ),
        pytest.param("weekly", ["--force"], "say which with --period", id="force without a period"),
        pytest.param(
            "weekly",
            ["--since", "2025-01-01", "--period", "2025-W01"],
            "not allowed with",
            id="both",
        ),
    ],
)
def test_bad_input_is_wrong_usage_before_any_work(chain, job, flags, message):
    done = chain.run(job, *flags)

    assert done.code == 2
    assert message in done.output
    assert run_rows(chain) == []
