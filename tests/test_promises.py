"""docs/reference/promises.md: every promise has a test that exists, and a page that explains it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.test_documents import NODE, functions_of

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/reference/promises.md"
PROMISE = re.compile(r"^\| (\d+) \|(.+)\|(.*)\|(.*)\|$", re.MULTILINE)
PROMISES = PROMISE.findall(DOCUMENT.read_text(encoding="utf-8"))
SWEPT = {"8", "9", "17", "20", "25"}
"""Kept under faults, so the sweep must be among their tests."""


def test_promises_are_numbered_from_one_without_a_gap():
    assert [int(number) for number, *_ in PROMISES] == list(range(1, len(PROMISES) + 1))
    assert len(PROMISES) == len(
        re.findall(r"^\| \d+ ", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize(
    ("number", "sentence", "tests", "page"), PROMISES, ids=[number for number, *_ in PROMISES]
)
def test_a_promise_has_its_tests_and_its_page(number, sentence, tests, page):
    nodes = NODE.findall(tests)

    assert sentence.strip()
    assert nodes, "no test keeps it"
    assert [f"{file}::{name}" for file, name in nodes if name not in functions_of(file)] == []
    assert NODE.sub("", tests).split() == [], "a test's id is `tests/….py::test_…`"
    assert re.fullmatch(r"\[[^\]]+\]\([^)]+\.md\)", page.strip()), "no page explains it"
    assert number not in SWEPT or any(file.startswith("tests/proofs/faults/") for file, _ in nodes)
