"""What code, tests and documents point to is there: pages, headings, lessons, files, modules."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.test_documents import LESSONS, anchors

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[1]
TEXTS = (
    ".py",
    ".md",
    ".html",
    ".yml",
    ".yaml",
    ".j2",
    ".toml",
    ".sh",
    ".service",
    ".timer",
    ".conf",
)
PLACES = (".github", "alembic", "demo", "deploy", "docs", "jobs", "lib", "tests")
OTHERS = ("Makefile", "Dockerfile", ".env.example", "deploy/host/attempts", "deploy/host/simplify")
# The changelog is history. The others hold invented names to be looked for.
EXEMPT = (
    "CHANGELOG.md",
    "tests/test_pointers.py",
    "tests/test_glossary.py",
    "tests/test_integration.py",
    "tests/test_repository.py",
)

ANCHORED = re.compile(r"\b(docs/[\w/-]+\.md)(#[\w-]+(?:,\s+#[\w-]+)*)")
LESSON = re.compile(r"\b[Ll]essons?\s+(\d+(?:(?:,|,?\s+and|\s+to)\s+\d+)*)")
FILE = re.compile(
    r"(?<![\w/.~-])((?:alembic|demo|deploy|docs|jobs|lib|tests)/[\w/-]+\.(?:md|py))\b"
)
MODULE = re.compile(r"`((?:demo|jobs|lib|tests)(?:\.[a-z_]\w*)+)((?:\.\w+)*)")
OUTSIDE = re.compile(r"\bDOMAIN\s+(?:sections?\s+)?[A-J]\b|\b(?:CONTRACT|[Cc]ontract) section \d")
"""References to documents that are not in the repository."""


@cache
def texts():
    """Return the text of every file of the repository that people write, by its path."""
    places = [*PLACES, *(path.name for path in ROOT.glob("*.md")), *OTHERS]
    paths = [path for place in places for path in each(ROOT / place)]
    return {
        name: path.read_text(encoding="utf-8")
        for path in paths
        if (name := path.relative_to(ROOT).as_posix()) not in EXEMPT
    }


def each(place):
    if place.is_file():
        return [place]
    return [path for path in place.rglob("*") if path.is_file() and path.name.endswith(TEXTS)]


def lost(finding):
    """Return what `finding` names in a text that is not there, by file."""
    found = {name: sorted(set(finding(text))) for name, text in texts().items()}
    return {name: missing for name, missing in found.items() if missing}


def lost_anchors(text):
    for page, headings in ANCHORED.findall(text):
        known = anchors(ROOT / page) if (ROOT / page).exists() else set()
        yield from (
            f"{page}{one}" for one in re.findall(r"#[\w-]+", headings) if one[1:] not in known
        )


def lost_lessons(text):
    for cited in LESSON.findall(text):
        yield from (
            f"lesson {nr}" for nr in re.findall(r"\d+", cited) if not 1 <= int(nr) <= LESSONS
        )


def lost_files(text):
    return (file for file in FILE.findall(text) if not (ROOT / file).exists())


def lost_modules(text):
    """A dotted name leads to a module, to a package, or to a name that its module has."""
    return (
        first + rest for first, rest in MODULE.findall(text) if not leads_somewhere(first + rest)
    )


def leads_somewhere(dotted):
    parts = dotted.split(".")
    place = ROOT
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place /= part
            continue
        if (place / f"{part}.py").is_file():
            rest = parts[number + 1 :]
            return not rest or has(place / f"{part}.py", rest[0])
        return has(place / "__init__.py", part)
    return True


def has(file, name):
    return (
        file.is_file() and re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")) is not None
    )


def outside(text):
    return OUTSIDE.findall(text)


@pytest.mark.parametrize("finding", [lost_anchors, lost_lessons, lost_files, lost_modules])
def test_what_is_pointed_to_is_there(finding):
    assert lost(finding) == {}


def test_no_text_cites_a_document_that_is_not_here():
    assert lost(outside) == {}


@pytest.mark.parametrize(
    ("finding", "text", "found"),
    [
        (lost_anchors, "(docs/reference/domain.md#buckets, #upsert)", []),
        (
            lost_anchors,
            "docs/reference/domain.md#buckets, #no-such",
            ["docs/reference/domain.md#no-such"],
        ),
        (lost_anchors, "docs/reference/none.md#buckets", ["docs/reference/none.md#buckets"]),
        (lost_lessons, "(lesson 107), lessons 1, 2 and 3", []),
        (lost_lessons, "lessons 3 to 999", ["lesson 999"]),
        (lost_files, "see lib/model.py, docs/reference/domain.md", []),
        (lost_files, "see `lib/no_such.py`", ["lib/no_such.py"]),
        (lost_modules, "`lib.db.backlog`, `lib.model.Bucket`, `lib.ingest`", []),
        (lost_modules, "`lib.db.no_such`", ["lib.db.no_such"]),
        (lost_modules, "`lib.model.NoSuch`", ["lib.model.NoSuch"]),
        (outside, "the domain of a cookie; the contract's section", []),
        (outside, "DOMAIN B.3", ["DOMAIN B"]),
        (outside, "(contract section 2)", ["contract section 2"]),
    ],
)
def test_the_search_can_find_and_can_pass(finding, text, found):
    assert list(finding(text)) == found
