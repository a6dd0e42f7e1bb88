"""What the documents name is there: files behind links, tests behind promises and lessons."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)")
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LESSON = re.compile(r"^\| (\d+) \| .+ \| `tests/[\w/]+\.py::\w+` \|$", re.MULTILINE)
TARGET = re.compile(r"`make ([a-z-]+)|^make ([a-z-]+) +#", re.MULTILINE)
JOB = re.compile(r"(?:\bjobs\.(?!md\b)|[`\n]simplify )([a-z_]+)\b([^`\n|;#()]*)")
FLAG = re.compile(r"--[a-z][a-z-]+")
TIMERS_OFF = re.compile(r"schedule_off: \[([\w, ]+)\]")
LESSONS = 107
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
