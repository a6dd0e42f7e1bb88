"""The overview: how periods stand, what to do next, and the three ways to show it."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from lib import dates
from lib.db.tables import documents
from lib.db.tables import pipeline_run_summaries as runs
from lib.model import Pipeline, RunRef
from lib.pipelines.status import as_json, page
from lib.pipelines.status.facts import Cell, Overview, Owed, RunRow, State, grid, next_steps
from lib.pipelines.status.queries import days_without_reports
from lib.pipelines.status.show import lines_of_grid, on_terminal
from lib.run import queries
from tests.factories.documents import report_row
from tests.factories.runs import add_run
from tests.factories.tables import add_day, add_store
from tests.programs import run_job

TODAY = date(2025, 11, 18)
ZONE = ZoneInfo("Asia/Kolkata")
AT = datetime(2025, 11, 18, 3, tzinfo=UTC)
NOTHING = dict.fromkeys(Pipeline, frozenset())
SUNDAY = date(2025, 11, 16)


def run(status="ok", pipeline=Pipeline.DAILY, report_on=date(2025, 11, 17), hours=0):
    at = AT + timedelta(hours=hours)
    return RunRow(pipeline, f"run-{hours}", report_on, status, at, at, closes=False, summary="")


def states(cells, pipeline):
    return {cell.label: cell.state for cell in cells[pipeline]}


def test_the_grid_goes_back_five_weeks_twelve_weeks_and_twelve_months():
    cells = grid(TODAY, (), (), NOTHING)
    ends = {pipeline: (row[0].label, row[-1].label, len(row)) for pipeline, row in cells.items()}
    assert ends == {
        Pipeline.DAILY: ("2025-10-14", "2025-11-17", 35),
        Pipeline.WEEKLY: ("2025-W35", "2025-W46", 12),
        Pipeline.MONTHLY: ("2024-11", "2025-10", 12),
    }


@pytest.mark.parametrize(
    ("days", "made", "closed", "expected"),
    [
        pytest.param((), [], (), State.NO_DATA, id="nothing stored"),
        pytest.param((date(2025, 11, 12),), [], (), State.OPEN, id="data and no run"),
        pytest.param((SUNDAY,), [run("error")], (), State.OWED, id="a run that owes"),
        pytest.param((SUNDAY,), [run("running")], (), State.RUNNING, id="at work"),
        pytest.param(
            (SUNDAY,),
            [run("error", hours=1), run("warning")],
            (),
            State.OWED,
            id="the latest run decides",
        ),
        pytest.param(
            (SUNDAY,), [run("error", hours=1)], (SUNDAY,), State.CLOSED, id="closed stays closed"
        ),
        pytest.param((), [run("warning")], (), State.NO_DATA, id="a run that found nothing"),
    ],
)
def test_how_a_week_stands(days, made, closed, expected):
    rows = [replace(each, pipeline=Pipeline.WEEKLY, report_on=SUNDAY) for each in made]
    cells = grid(TODAY, days, rows, NOTHING | {Pipeline.WEEKLY: closed})
    assert states(cells, Pipeline.WEEKLY)["2025-W46"] is expected


def steps(days=(), closed=NOTHING, mails=(), made=()):
    return list(next_steps(grid(TODAY, days, made, closed), mails, has_history=bool(days)))


def test_a_fresh_database_needs_the_daily_job():
    assert steps() == ["python -m jobs.daily"]


def test_everything_that_is_open_has_its_command():
    mails = [
        Owed(Pipeline.WEEKLY, SUNDAY, "pending", 2),
        Owed(Pipeline.DAILY, date(2025, 11, 17), "uncertain", 1),
        Owed(Pipeline.DAILY, date(2025, 11, 16), "failed", 2, ("T105",)),
    ]
    assert steps({date(2025, 10, 12)}, mails=mails) == [
        "python -m jobs.daily",
        "python -m jobs.weekly",
        "python -m jobs.monthly",
        "python -m jobs.notify --pipeline simplify_dashboard_weekly --report-date 2025-11-16",
        "python -m jobs.notify --pipeline simplify_dashboard_daily --report-date 2025-11-17 --accept  # or --resend",
        "python -m jobs.notify --pipeline simplify_dashboard_daily --report-date 2025-11-16 --resend  # after correcting the recipient",
    ]


def test_where_all_is_closed_there_is_nothing_to_do():
    closed = {
        Pipeline.DAILY: {date(2025, 11, 17)},
        Pipeline.WEEKLY: {date(2025, 10, 12)},
        Pipeline.MONTHLY: {date(2025, 10, 31)},
    }
    assert steps({date(2025, 10, 12)}, closed) == []


def test_a_past_day_gets_the_reports_of_what_is_stored_the_latest_ones_first_to_be_named():
    unmade = [TODAY - timedelta(days=number) for number in range(9, 1, -1)]
    cells = grid(TODAY, (), [], NOTHING | {Pipeline.DAILY: {date(2025, 11, 17)}})
    assert list(next_steps(cells, (), unmade, has_history=False)) == [
        f"python -m jobs.reports --date 2025-11-{day}  # what is stored of that day; it stays open"
        for day in (12, 13, 14, 15, 16)
    ]


def test_only_past_days_are_open_for_good():
    days = {date(2025, 11, 14), date(2025, 11, 17)}
    lines = [line.strip() for line in lines_of_grid(overview(grid=grid(TODAY, days, [], NOTHING)))]
    assert [line for line in lines if line.startswith("○")] == [
        "○ 2025-11-14 open, for good: the portal shows only yesterday",
        "○ 2025-11-17 open",
        "○ 2025-W46 open",
    ]


def overview(**changes):
    cells = grid(TODAY, {SUNDAY}, [run()], NOTHING)
    made = Overview(
        AT,
        TODAY,
        (run(),),
        cells,
        (Owed(Pipeline.DAILY, SUNDAY, "pending", 3),),
        ("gone",),
        ("do <this>",),
    )
    return replace(made, **changes)


def test_json_has_every_fact():
    told = json.loads(as_json(overview()))
    assert told.keys() == {"at", "today", "runs", "periods", "undelivered", "killed", "next_steps"}
    assert told["runs"][0]["report_date"] == "2025-11-17"
    assert told["periods"][Pipeline.WEEKLY][-1] == {
        "label": "2025-W46",
        "report_date": "2025-11-16",
        "state": "open",
    }
    assert told["undelivered"] == [
        {
            "pipeline": Pipeline.DAILY,
            "report_date": "2025-11-16",
            "state": "pending",
            "deliveries": 3,
            "stores": [],
        }
    ]
    assert (told["killed"], told["next_steps"]) == (["gone"], ["do <this>"])


def test_a_narrow_terminal_cuts_no_date_and_no_run(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    weekly = replace(
        run("warning", Pipeline.WEEKLY), run_id="20251118_034020930917-2025-W46", closes=True
    )
    on_terminal(overview(runs=(weekly, run())), ZONE)
    told = capsys.readouterr().out
    assert (
        "weekly    2025-11-17   warning,     2025-11-18    20251118_034020930917-2025-W46" in told
    )
    assert "daily     2025-11-17   ok           2025-11-18    run-0" in told


class Loads(HTMLParser):
    """Collects whatever a page would load or run."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [tag] if tag in {"script", "img", "link", "iframe", "object"} else []
        self.found += [
            name
            for name, _ in attrs
            if name in {"src", "href", "srcset", "data"} or name.startswith("on")
        ]


def test_the_page_loads_nothing_and_escapes_what_it_shows():
    text = page(overview(), ZONE)
    assert Loads(text).found == []
    assert "url(" not in text
    assert "<code>do &lt;this&gt;</code>" in text
    assert "as of 2025-11-18 08:30 (Asia/Kolkata)" in text


def test_the_page_has_a_square_for_every_period_and_says_states_in_words():
    text = page(overview(), ZONE)
    assert text.count("<td class=") == 35
    assert text.count("<li class=") == 24
    assert 'title="2025-11-16: open"' in text


def test_the_days_stand_under_their_weekdays():
    cells = {
        **overview().grid,
        Pipeline.DAILY: (Cell(dates.Period(SUNDAY, SUNDAY), "2025-11-16", State.CLOSED),),
    }
    row = page(overview(grid=cells), ZONE).split('<table class="days">')[1].split("</table>")[0]
    assert row.count("<td></td>") == 6
    assert row.index("<td></td>") < row.index("16 Nov")


def test_the_page_with_nothing_in_it():
    text = page(overview(runs=(), mails=(), killed=(), next_steps=()), ZONE)
    assert "Nothing to do." in text
    assert "None yet." in text


class TestTheJob:
    def test_it_shows_the_state_of_a_database(self, engine, database, tmp_path):
        add_store(engine)
        add_day(engine, dates.today(ZONE, dates.now()) - timedelta(days=40))
        done = run_job("status", cwd=tmp_path, DATABASE_URL=database)
        assert (done.returncode, done.stderr) == (0, "")
        assert "No run yet." in done.stdout
        assert "python -m jobs.daily" in done.stdout

    def test_a_killed_run_is_closed(self, engine, database, tmp_path):
        ref = RunRef(Pipeline.WEEKLY, "killed", "dev", SUNDAY, AT)
        with engine.begin() as connection:
            queries.begin(connection, ref)
        done = run_job("status", "--json", cwd=tmp_path, DATABASE_URL=database)
        assert json.loads(done.stdout)["killed"] == ["killed"]
        with engine.connect() as connection:
            row = connection.execute(select(runs.c.overall_status, runs.c.summary_text)).one()
        assert row.overall_status == "error"
        assert row.summary_text.endswith("Killed before its end; closed by jobs.status.")

    def test_a_run_at_work_is_left_alone(self, engine, database, tmp_path):
        ref = RunRef(Pipeline.WEEKLY, "at-work", "dev", SUNDAY, AT)
        with engine.connect() as holder:
            assert queries.try_lock(holder, Pipeline.WEEKLY)
            with engine.begin() as connection:
                queries.begin(connection, ref)
            done = run_job("status", "--json", cwd=tmp_path, DATABASE_URL=database)
        assert json.loads(done.stdout)["killed"] == []
        with engine.connect() as connection:
            assert connection.execute(select(runs.c.overall_status)).scalar_one() == "running"

    def test_the_page_is_written_whole(self, database, tmp_path):
        done = run_job("status", "--html", "status.html", cwd=tmp_path, DATABASE_URL=database)
        assert done.returncode == 0
        assert (tmp_path / "status.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
        assert [file.name for file in tmp_path.iterdir()] == ["status.html"]

    def test_a_page_without_a_path_goes_out_of_sight_and_its_path_is_told(self, database, tmp_path):
        done = run_job("status", "--html", cwd=tmp_path, DATABASE_URL=database)
        assert done.returncode == 0
        page = tmp_path / "var" / "status.html"
        assert page.exists()
        assert json.loads(done.stdout)["message"] == f"the status page is {page}"

    def test_a_page_that_cannot_be_written_is_for_a_person(self, database, tmp_path):
        done = run_job("status", "--html", "away/status.html", cwd=tmp_path, DATABASE_URL=database)
        assert done.returncode == 78
        assert "choose another --html PATH" in done.stdout

    def test_an_empty_database_says_what_to_run(self, empty_database, tmp_path):
        done = run_job("status", cwd=tmp_path, DATABASE_URL=empty_database)
        assert done.returncode == 78
        assert "python -m jobs.migrate" in done.stdout


@pytest.mark.integration
def test_looking_on_does_not_pay_for_what_makes_things():
    code = "import sys, lib.pipelines.status; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"alembic", "weasyprint", "playwright", "httpx", "jinja2", "rich"} & set(
        done.stdout.split()
    ) == set()


def test_days_lack_reports_while_a_store_with_figures_has_none(engine):
    first, second, third = (date(2025, 11, day) for day in (12, 13, 14))
    for code in ("A668", "A817", "T105"):
        add_store(engine, code)
        add_day(engine, first, code)
        add_day(engine, third, code)
    add_day(engine, second, "T105")
    ref = RunRef(Pipeline.DAILY, "run", "dev", first, AT)
    add_run(engine, ref)
    made = {"A668": (first, third), "A817": (third,)}
    statuses = {("A668", first): "ok", ("A668", third): "pruned", ("A817", third): "ok"}
    with engine.begin() as connection:
        for code, days in made.items():
            for day in days:
                connection.execute(
                    insert(documents).values(
                        **report_row(ref, code, doc_date=day, status=statuses[code, day])
                    )
                )
        connection.execute(insert(documents).values(**report_row(ref, "A817", status="error")))
    with engine.connect() as connection:
        assert days_without_reports(connection, ("A668", "A817"), first, third) == [first]
        assert days_without_reports(connection, ("A668",), first, third) == []
        assert days_without_reports(connection, ("T105",), second, third) == [second, third]
        assert days_without_reports(connection, (), first, third) == []
