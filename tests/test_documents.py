"""What the documents name is there: files behind links, tests behind promises and lessons."""

import ast
import re
import subprocess
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import create_mock_engine

from demo.morning import made
from demo.screen import WHAT, Row
from demo.stage import READY
from lib import terminal
from lib.db.health import examine
from lib.db.health_report import as_text
from lib.model import Phase, Pipeline, RunRef, Status
from lib.run import Run
from lib.run.summary import ending

ROOT = Path(__file__).parents[1]
COLUMNS = 80
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("tests/**/README.md")),
]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)")
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LESSON = re.compile(r"^\| (\d+) \| .+ \| `tests/[\w/]+\.py::\w+` \|$", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+) +#", re.MULTILINE)
JOB = re.compile(r"(?:\bjobs\.(?!md\b)|[`\n]simplify )([a-z_]+)\b([^`\n|;#()]*)")
FLAG = re.compile(r"--[a-z][a-z-]+")
TIMERS_OFF = re.compile(r"schedule_off: \[([\w, ]+)\]")
LESSONS = 113
"""As many as the failure catalogue of the domain has."""


def name(path):
    return str(path.relative_to(ROOT))


@cache
def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def anchors(document):
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_link_leads_somewhere(document):
    links = LINK.findall(document.read_text(encoding="utf-8"))
    lost = [
        f"{target}#{anchor}"
        for target, anchor in links
        if not (place := document.parent / target).exists()
        or (anchor and anchor not in anchors(place))
    ]

    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_test_that_is_named_exists(document):
    nodes = NODE.findall(document.read_text(encoding="utf-8"))
    assert [
        f"{file}::{test}"
        for file, test in nodes
        if not (ROOT / file).exists() or test not in functions_of(file)
    ] == []


def test_every_lesson_has_its_test():
    lessons = LESSON.findall((ROOT / "docs/reference/lessons.md").read_text(encoding="utf-8"))
    assert sorted(map(int, lessons)) == list(range(1, LESSONS + 1))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_make_target_that_is_named_exists(document):
    named = {
        first or second for first, second in TARGET.findall(document.read_text(encoding="utf-8"))
    }
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_job_that_is_named_exists_and_takes_the_flags_behind_it(document):
    lost = [
        f"jobs.{job} {flag}"
        for job, rest in JOB.findall(document.read_text(encoding="utf-8"))
        for flag in FLAG.findall(rest) or [""]
        if not (file := ROOT / "jobs" / f"{job}.py").exists() or flag not in options_of(file)
    ]
    assert lost == []


def options_of(file):
    """Where a job's options are written: in its script, or where jobs share them."""
    shared = ["lib/cli.py", "jobs/weekly.py"] if file.stem == "monthly" else ["lib/cli.py"]
    return "".join(
        place.read_text(encoding="utf-8") for place in (file, *(ROOT / one for one in shared))
    )


def test_a_restore_keeps_every_timer_off():
    timers = {
        path.parent.name.removesuffix(".timer.d")
        for path in ROOT.glob("deploy/systemd/*.timer.d/schedule.conf")
    }
    [named] = TIMERS_OFF.findall((ROOT / "docs/how-to/restore.md").read_text(encoding="utf-8"))

    assert {f"simplify@{one}" for one in named.split(", ")} == timers


def test_the_architecture_has_a_line_for_each_place():
    lines = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    places = [
        path for path in ROOT.glob("lib/*") if path.name not in ("__init__.py", "__pycache__")
    ]

    assert [path.name for path in places if f"`lib/{path.name}" not in lines] == []


def test_every_page_is_in_the_index():
    index = ROOT / "docs/README.md"
    linked = {
        (index.parent / target).resolve()
        for target, _ in LINK.findall(index.read_text(encoding="utf-8"))
    }
    pages = [page for page in ROOT.glob("docs/**/*.md") if page.parent.name != "adr"]

    assert [name(page) for page in pages if page not in linked and page != index] == []


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.integration
def test_the_menu_fits_a_terminal_of_80_columns():
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert [line for line in done.stdout.splitlines() if len(line) > COLUMNS] == []
    assert "make run-daily" in done.stdout


def test_the_line_of_make_that_is_quoted_is_the_one_of_the_recipe():
    recipes = text_of("Makefile").splitlines()
    page = "docs/how-to/run-the-daily-job.md"
    [line] = re.findall(r"\[Makefile:(\d+): run-daily\]", text_of(page))

    assert recipes[int(line) - 2].startswith("run-daily:")


class TestTheFirstMorning:
    PAGE = "docs/tutorial/first-morning.md"

    def test_it_shows_the_lines_of_the_phases(self):
        shown = [
            line[:34].split(maxsplit=1) for line in text_of(self.PAGE).splitlines() if "━" in line
        ]
        assert [[row, what.strip()] for row, what in shown] == [[row, WHAT[row]] for row in Row]

    def test_it_shows_the_end_as_it_is_printed(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        home = Path("var/demo")
        for number in range(21):
            make_file(home / "reports" / f"{number}.pdf")
        for number in range(18):
            make_file(home / "mails" / f"{number}.eml")

        printed = made(home, None)

        end = printed.index("")
        lines = printed[end + 1 : printed.index("", end + 1)]
        assert "\n".join(lines) in text_of(self.PAGE)

    def test_it_shows_what_the_stage_says(self):
        assert READY.format(directory="var/stage") in text_of(self.PAGE)


class TestRunTheDailyJob:
    PAGE = "docs/how-to/run-the-daily-job.md"

    def shown(self):
        """Return the lines of its examples, without the indent of the list."""
        return [line.removeprefix("   ") for line in text_of(self.PAGE).splitlines()]

    def test_it_shows_the_lines_of_the_phases(self):
        lines = [
            terminal.phase_line("scrape", Status.OK, "", 900),
            terminal.phase_line("report", Status.OK, "17/17 PDFs", 22_400),
            terminal.phase_line("notify", Status.OK, "18 of 18 mails sent", 1_100),
        ]
        assert [line for line in self.shown() if line.startswith("✔")] == lines

    def test_it_shows_the_last_line_of_a_run(self, monkeypatch):
        monkeypatch.setenv("COLUMNS", str(COLUMNS))
        ref = RunRef(Pipeline.DAILY, "r", "prod", date(2025, 11, 14), datetime.now(UTC))
        run = Run(ref, create_mock_engine("postgresql://", lambda *_: None))
        run.notes[Phase.NOTIFY] = "18 of 18 mails sent"
        file = {"store_code": "A668", "file_path": "/srv/reports/2025/A668_2025-11-14.pdf"}
        run.metrics["pdf"] = {"records": [file] * 17}

        printed = terminal.folded(f"{ending(run, is_closed=True)}; 31 s", indent="")

        assert printed in "\n".join(self.shown())

    def test_it_shows_the_finding_about_a_store_without_reader(self, engine, monkeypatch, capsys):
        monkeypatch.setenv("COLUMNS", str(COLUMNS))
        monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        with engine.connect() as connection:
            checks = [each for each in examine(connection, ["TS48"]) if each.name == "recipients"]
        terminal.say_lines(as_text(checks))
        first_three = capsys.readouterr().out.splitlines()[:3]

        assert "\n".join(first_three) in "\n".join(self.shown())


def make_file(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
