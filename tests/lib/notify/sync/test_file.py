"""What a file must look like; all that is wrong with it is said at once."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lib.notify.sync import file
from lib.notify.sync.diff import ConfigurationRow, Table
from lib.notify.sync.file import InvalidNotificationsFile
from tests.factories.notify_file import FILE


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / "n.yml").write_text(text)
        return file.read_notifications_file(tmp_path / "n.yml")

    return read_text


def test_a_file_becomes_rows(read):
    rows = read(FILE)

    assert [row.table for row in rows] == [
        *(Table.PIPELINES, Table.PROFILES, Table.TEMPLATES, Table.RECIPIENTS, Table.RECIPIENTS),
        *(Table.PROFILES, Table.TEMPLATES, Table.RECIPIENTS),
    ]
    key = (
        "simplify_dashboard_daily",
        "store_daily_reports",
        "any",
        "A668",
        "any",
        "shop@chain.example",
    )
    assert rows[-1] == ConfigurationRow(
        Table.RECIPIENTS, key, {"send_as": "to", "display_name": None, "is_active": True}
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "simplify_dashboard_daily:",
            "dashboard_daily:",
            "dashboard_daily: no job has this pipeline code",
        ),
        ("scope: run", "scope: runs", "profile 1: scope must be one of run, store, combined"),
        ("attach: none", "attach: per_store_pdf", "profile 1: a mail about the run has no store"),
        ("attach: none", "attached: none", "profile 1: unknown attached"),
        (
            "{{ result_text }}",
            "{{ summary }}",
            "profile 1: the body template cannot be rendered: 'summary' is undefined",
        ),
        (
            "{{ report_text }}",
            "{{ report_text }",
            "profile 2: the body template cannot be rendered",
        ),
        ("as: cc", "as: copy", "profile 1, recipient 2: as must be one of to, cc, bcc"),
        ("ben@chain.example", "ben", "profile 1, recipient 2: it is not one plain address"),
        (
            "ben@chain.example, as: cc",
            "anna@chain.example",
            "profile 1, recipient 2: it is there twice",
        ),
        ("  profiles:", "  profiles: {", "it is not YAML in line"),
        (FILE, "", "it must map pipeline codes"),
    ],
)
def test_what_is_wrong_is_named(read, old, new, problem):
    with pytest.raises(InvalidNotificationsFile) as refusal:
        read(FILE.replace(old, new))
    assert problem in str(refusal.value)


def test_every_problem_is_named_at_once(read):
    with pytest.raises(InvalidNotificationsFile) as refusal:
        read(FILE.replace("as: cc", "as: copy").replace("scope: run", "scope: runs"))
    assert str(refusal.value).count("  - ") == 2


def test_an_address_is_not_quoted(read):
    with pytest.raises(InvalidNotificationsFile) as refusal:
        read(FILE.replace("ben@chain.example", "ben at chain.example"))
    assert "ben" not in str(refusal.value)


LAUGHS = "a: &a ['ha']\n" + "".join(
    f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in pairwise("abcdefghij")
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("[" * 100_000, "it is not YAML", id="nested without end"),
        pytest.param("a: 2025-13-45", "it is not YAML", id="a date that is none"),
        pytest.param(
            "!!python/object/apply:os.system [id]", "it is not YAML", id="an object of Python"
        ),
        pytest.param("a: [1", "it is not YAML in line 1", id="broken off"),
        pytest.param("x" * 2_000_001, "it has more than 2000000 bytes", id="too long"),
        pytest.param(LAUGHS, "no job has this pipeline code", id="laughs in their billions"),
        pytest.param(
            LAUGHS + "simplify_dashboard_daily: *j",
            "simplify_dashboard_daily",
            id="laughs in place of a pipeline",
        ),
        pytest.param(
            FILE.replace("{{ result_text }}", "{{ 10 ** (10 ** 9) }}"),
            "template takes too much time or memory",
            id="a template without end",
        ),
    ],
)
@pytest.mark.integration
def test_a_file_that_means_harm_is_refused_as_any_other(read, text, problem):
    with pytest.raises(InvalidNotificationsFile) as refusal:
        read(text)

    assert problem in str(refusal.value)
    assert len(str(refusal.value)) < 5_000
