"""Neither the files nor the history hold a secret or anybody's data; each look can fail.

Source: lesson 102.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from tests.proofs.privacy.history import git, is_whole, offences
from tests.proofs.privacy.rules import RULES, broken

ROOT = Path(__file__).parents[3]
SCAN = (
    *(str(Path(sys.executable).with_name("kingfisher")), "scan"),
    *("--no-validate", "--no-update-check", "--redact", "--format", "json"),
)
FOUND = 200
"""Kingfisher's exit code when there is anything."""
SHAPES = {
    "an Indian mobile number": ("call +91 " + "98" + "234 56712", "call +91 90000 00001"),
    "somebody's address": ("mail to asha@" + "laundry.in", "mail to asha@example.invalid"),
    "a tax number": ("GSTIN 27" + "ABCDE1234F1Z5", "GSTIN 29AAAAA0000A1Z5"),
    "a secret of ours": (
        "TD_A668_PASSWORD=" + "Xk9vQ2mZp4LtRw7",
        "TD_A668_PASSWORD=not-a-secret\nDATABASE_URL=server?options=-c%20default_transaction_read_only%3Don",
    ),
    "a cookie of the portal": (
        '"ci_session", "value": "' + "8f14e45fceea167a" * 2,
        '"ci_session", "value": "stranger"',
    ),
}
"""For each rule, what it must find and what it must not.

Put together here, so that this file holds none.
"""


@pytest.fixture(scope="module")
def repository():
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip("not a git checkout: nobody can say what its history holds")
    if not is_whole(ROOT):
        pytest.skip(
            "a shallow clone: nobody can say what its history holds; run: git fetch --unshallow"
        )
    return ROOT


def scan(*places: str, cwd: Path) -> list[str]:
    """Return rule and place of each secret that Kingfisher finds.

    It asks nobody whether they are alive.
    """
    done = subprocess.run([*SCAN, *places], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode in {0, FOUND}, done.stderr
    findings = json.JSONDecoder().raw_decode(done.stdout)[0]["findings"]
    assert bool(findings) == (done.returncode == FOUND)
    return [
        f"{one['rule']['id']}: {one['finding']['path']} line {one['finding']['line']}"
        for one in findings
    ]


def test_no_text_of_any_commit_holds_anybody_s_data(repository):
    assert offences(repository) == []


def test_no_commit_holds_a_secret(repository):
    common = (
        git(repository, "rev-parse", "--path-format=absolute", "--git-common-dir").decode().strip()
    )
    assert scan(common, cwd=repository) == []


def test_no_file_holds_a_secret(repository):
    files = (
        git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        .decode()
        .split("\0")
    )
    there = sorted(
        {name.partition("/")[0] for name in files if name and (repository / name).exists()}
    )

    assert scan("--git-history", "none", *there, cwd=repository) == []


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_every_rule_finds_what_it_is_for_and_leaves_what_is_nobody_s(rule):
    somebodys, nobodys = SHAPES[rule.name]

    assert list(broken(f"one\n{somebodys}\n")) == [(rule.name, "line 2")]
    assert list(broken(f"one\n{nobodys}\n")) == []


@pytest.fixture
def clone(tmp_path):
    """A repository in which somebody committed data and a key, and removed them with the next commit."""
    place = tmp_path / "clone"
    place.mkdir()
    git(place, "init", "--quiet")
    for name, value in {"user.name": "tests", "user.email": "tests@example.invalid"}.items():
        git(place, "config", name, value)
    (place / "export.txt").write_text("\n".join(somebodys for somebodys, _ in SHAPES.values()))
    (place / "key.pem").write_bytes(trustme.CA().private_key_pem.bytes())
    for message in ("Add data", "Remove it again"):
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message", message)
        (place / "export.txt").unlink(missing_ok=True)
        (place / "key.pem").unlink(missing_ok=True)
    return place


def test_what_was_committed_once_is_found_although_it_is_gone(clone):
    assert not (clone / "export.txt").exists()

    assert offences(clone) == [
        f"{name}: export.txt in the history, line {number}" for number, name in enumerate(SHAPES, 1)
    ]
    assert scan(str(clone / ".git"), cwd=clone) == ["betterleaks.private-key: key.pem line 1"]


def test_a_message_and_a_file_that_is_not_committed_yet_are_looked_at(clone):
    (clone / "new.txt").write_text(SHAPES["a tax number"][0])
    git(clone, "commit", "--quiet", "--allow-empty", "--message", SHAPES["somebody's address"][0])

    assert offences(clone)[:2] == [
        "somebody's address: a commit's message, line 1",
        "a tax number: new.txt, line 1",
    ]


def test_a_shallow_clone_is_known_for_one(clone, tmp_path):
    git(tmp_path, "clone", "--quiet", "--depth", "1", clone.as_uri(), "shallow")
    assert (is_whole(clone), is_whole(tmp_path / "shallow")) == (True, False)
