"""docs/reference/glossary.md is how things are called.

Words that were given up do not come back.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs/reference/glossary.md"
TERM = re.compile(r"^\| ([^|]+) \| `(\w+)` \| ([^|]+) \|$", re.MULTILINE)

CODE = ("lib/", "jobs/", "demo/", "deploy/", "tests/")
DOCUMENTS = ("docs/", "README.md", "CONTRIBUTING.md")
# The changelog is history, a released revision never changes, and this file has to name the words.
EXEMPT = ("CHANGELOG.md", "alembic/versions/", "tests/test_glossary.py")

MODULES = {
    "books": "load accounting",
    "contest": "duplicate precedence",
    "copying": "copy",
    "courier": "smtp_session",
    "crew": "parallel (portal), worker_pool (reports)",
    "delivering": "deliver",
    "doors": "boundaries",
    "drawing": "a noun: chart_svg, rendering",
    "drift": "changes",
    "making": "make",
    "notifying": "notifications",
    "nursery": "a noun for the processes of a test",
    "owed": "remaining_work",
    "paper": "a noun for the PDF of a test",
    "pooling": "standing (of all stores)",
    "rehearsal": "preview",
    "roster": "diff (of the notification configuration)",
    "roster_file": "file (of the notification configuration)",
    "roster_queries": "queries (of the notification configuration)",
    "scene": "scenario",
    "staging": "a noun: staged_rows",
    "stays": "presence",
    "telling": "notifications",
    "told": "a noun for what a run has said",
    "watch": "header_changes",
    "words": "vocabulary",
}
"""File names, also those of the tests about them -> what to say instead."""

NAMES = {
    "Access": "SessionManager",
    "Done": "CompletedWork",
    "HOPS": "SIGN_ON_ATTEMPTS",
    "Memory": "Presence",
    "Owed": "RemainingWork",
    "PUZZLING": "KEPT_PAGES",
    "Visit": "SingleSignOn",
    "abandon": "release",
    "bury": "expire_orphaned",
    "call_off": "notify_recovery",
    "foreign": "unrecognised",
    "hand_over": "send",
    "held_back": "deferred_signals",
    "hurry": "statement_timeout",
    "leave": "exit_now",
    "live": "run_tasks",
    "lived": "run_tasks",
    "look": "scan",
    "missed": "record_failed_attempt",
    "postpone": "schedule_retry",
    "promise": "enqueue",
    "promises": "outbox",
    "raise_for": "notify_failure",
    "settle": "record_result",
    "spared": "retained",
    "stays": "presence",
    "take_away": "remove_if_unchanged",
    "take_proof": "probe",
    "tale": "fingerprint",
    "told": "mark_notified",
    "was": "completed",
    "when_late": "on_timeout",
    "witnesses": "probe_stores",
}
"""Whole identifiers, without leading underscores -> what to say instead."""

WORDS = {
    "book": "load accounting",
    "books": "load accounting",
    "contest": "duplicate precedence",
    "courier": "SMTP session",
    "crew": "worker pool, or parallel requests",
    "fate": "row status",
    "ledger": "outbox",
    "nursery": "(name the processes)",
    "puzzle": "unknown page",
    "puzzles": "unknown pages",
    "rehearsal": "preview, dry run",
    "rehearse": "preview, dry run",
    "rehearses": "previews, runs dry",
    "roster": "desired state of the notification configuration",
    "telling": "notifications",
}
"""Words inside an identifier, such as `check_books` -> what to say instead."""

PROSE = WORDS.keys() - {"book", "telling"}
"""Those that a sentence has no other use for.

Looked for in documents, docstrings, comments and messages.
"""

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+")
SENTENCE = re.compile(rf"\b({'|'.join(sorted(PROSE))})\b", re.IGNORECASE)


def files(*places):
    found = (path for place in places for path in each(ROOT / place))
    return [path for path in found if not name(path).startswith(EXEMPT)]


def each(place):
    if place.is_file():
        return [place]
    return sorted([*place.rglob("*.py"), *place.rglob("*.md"), *place.rglob("*.html")])


def name(path):
    return path.relative_to(ROOT).as_posix()


def identifiers(tree):
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Name():
                yield node.id
            case ast.arg():
                yield node.arg
            case ast.Attribute():
                yield node.attr
            case ast.keyword(arg=str()):
                yield node.arg


def retired(path, text):
    """Return what a file says in words that were given up, each with what to say instead."""
    found = {f"{match[0]}: say {WORDS[match[0].lower()]}" for match in SENTENCE.finditer(text)}
    if path.suffix == ".py":
        found |= retired_names(path, text)
    return found


def retired_names(path, text):
    stem = path.stem.removeprefix("test_")
    found = {f"module {stem}: say {MODULES[stem]}"} if stem in MODULES else set()

    for identifier in identifiers(ast.parse(text)):
        # A test's name is a sentence, so ordinary words are welcome in it.
        if identifier.startswith("test_"):
            continue
        bare = identifier.strip("_")
        if bare in NAMES:
            found.add(f"{identifier}: say {NAMES[bare]}")
        for word in WORD.findall(identifier):
            if word.lower() in WORDS:
                found.add(f"{identifier}: say {WORDS[word.lower()]}")

    return found


@cache
def findings():
    """Return by file what is said in words that were given up."""
    texts = ((path, path.read_text(encoding="utf-8")) for path in files(*CODE, *DOCUMENTS))
    return {name(path): found for path, text in texts if (found := retired(path, text))}


@cache
def class_names():
    """Return by class name the files of the product that define it."""
    places = defaultdict(set)
    for path in files("lib", "jobs"):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name.strip("_")].add(name(path))
    return places


def test_a_retired_word_is_not_used():
    assert {file: sorted(found) for file, found in findings().items()} == {}


def test_one_class_name_is_one_thing():
    twice = {one: sorted(places) for one, places in class_names().items() if len(places) > 1}
    assert twice == {}


def test_every_module_of_the_product_has_a_place_that_is_looked_at():
    looked_at = {name(path) for path in files(*CODE)}
    assert {name(path) for path in ROOT.glob("lib/**/*.py")} <= looked_at


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("lib/x.py", "def bury(claim): ...", {"bury: say expire_orphaned"}),
        ("lib/x.py", "_Visit = 1", {"_Visit: say SingleSignOn"}),
        ("lib/x.py", "check(our_books=1)", {"our_books: say load accounting"}),
        ("lib/x.py", "class RowFate: ...", {"RowFate: say row status"}),
        ("lib/words.py", "", {"module words: say vocabulary"}),
        ("tests/test_words.py", "", {"module words: say vocabulary"}),
        ("lib/x.py", '"""Ask the courier."""', {"courier: say SMTP session"}),
        ("docs/x.md", "The Ledger says so.", {"Ledger: say outbox"}),
        ("docs/x.md", "A row stays; handbooks are told.", set()),
        ("lib/x.py", "missed_leads = words = watch(bookmark)", set()),
        ("lib/x.py", "def test_the_books_add_up(): ...", set()),
    ],
)
def test_the_search_can_find_and_can_pass(file, text, found):
    assert retired(Path(file), text) == found


def test_every_term_has_one_line_and_is_in_order():
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if "|" in line]
    terms = [term.lower() for term, *_ in terms_of_the_glossary()]

    assert len(terms) == len(rows) - 2
    assert terms == sorted(set(terms))


def terms_of_the_glossary():
    return TERM.findall(GLOSSARY.read_text(encoding="utf-8"))


def test_every_term_is_in_the_code():
    """The second column is how the code spells it: an identifier, a table or a column."""
    texts = [path.read_text(encoding="utf-8") for path in files("lib", "jobs")]
    known = set(re.findall(r"\w+", "\n".join(texts)))

    assert [term for term, spelled, _ in terms_of_the_glossary() if spelled not in known] == []


def test_no_term_is_a_retired_word():
    assert [term for term, *_ in terms_of_the_glossary() if term in WORDS] == []
