"""What the documents name is there: files behind links, tests behind promises and lessons."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)")
NODE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LESSON = re.compile(r"^\| (\d+) \| .+ \| `tests/[\w/]+\.py::\w+` \|$", re.MULTILINE)
LESSONS = 107
"""As many as the failure catalogue of the domain has."""


def name(path):
    return str(path.relative_to(ROOT))


@cache
def functions_of(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def anchors(document):
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_link_leads_somewhere(document):
    links = LINK.findall(document.read_text(encoding="utf-8"))
    lost = [
        f"{target}#{anchor}"
        for target, anchor in links
        if not (place := document.parent / target).exists() or (anchor and anchor not in anchors(place))
    ]
    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_a_test_that_is_named_exists(document):
    nodes = NODE.findall(document.read_text(encoding="utf-8"))
    assert [
        f"{file}::{test}" for file, test in nodes if not (ROOT / file).exists() or test not in functions_of(file)
    ] == []


def test_every_lesson_has_its_test():
    lessons = LESSON.findall((ROOT / "docs/reference/lessons.md").read_text(encoding="utf-8"))
    assert sorted(map(int, lessons)) == list(range(1, LESSONS + 1))
