"""Unknown pages and storage states: what is ours, what is old, and what is in use."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib import log, portal, removal
from lib.portal import retention
from lib.portal.session.account_lock import AccountLock
from lib.portal.unknown_pages import save
from lib.removal import FileKind, Seen

NOW = datetime(2025, 12, 31, 21, tzinfo=UTC)
STATE = "storage_state.json"


def seen(name, age_days, *, is_file=True):
    return Seen(Path(name), 10, int((NOW - timedelta(days=age_days)).timestamp()) * 10**9, is_file)


def kind(names, days=14, root=Path()):
    return FileKind(name="files", root=root, setting="ANY_DAYS", days=days, names=names)


def outcome(files, names, days=14, now=NOW):
    """Return what goes with its kind and age, and what is not ours."""
    chosen = kind(names, days)
    old = [found for one in files if (found := chosen.judge(one, now))]
    gone = [(str(one.seen.path), one.kind, one.age_days) for one in old]

    return gone, [str(one.path) for one in files if not chosen.is_ours(one)]


def test_pages_go_after_their_days_and_strangers_stay():
    old, young = (
        seen("20251201T000000000000Z-login.html", 15),
        seen("20251201T000000000000Z-login.png", 13),
    )
    link, note = (
        seen("20251201T000000000001Z-login.html", 15, is_file=False),
        seen("notes.html", 900),
    )

    assert outcome([old, young, link, note], retention.PAGES) == (
        [(str(old.path), "unknown page", 15)],
        [str(link.path), str(note.path)],
    )


def test_what_is_kept_of_a_page_is_known_as_ours(tmp_path):
    save.keep(tmp_path, "A668/dashboard", html="<p>", picture=b"png")
    later = datetime.now(UTC) + timedelta(days=2)
    expired, unrecognised = kind(retention.PAGES, days=1, root=tmp_path).scan(later)

    assert (len(expired), unrecognised) == (2, [])


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param([seen(STATE, 29)], ([], []), id="renewed-lately"),
        pytest.param([seen(STATE, 31)], ([(STATE, "storage state", 31)], []), id="old"),
        pytest.param([seen(STATE, 31, is_file=False)], ([], [STATE]), id="a-link"),
        pytest.param(
            [seen("other.json", 31), seen("other.json.lease", 31)],
            ([("other.json", "storage state", 31)], []),
            id="of-an-earlier-setting",
        ),
        pytest.param(
            [seen("other.json", 900)], ([], ["other.json"]), id="never-leased-so-not-ours"
        ),
        pytest.param([seen(f"{STATE}.lease", 900)], ([], []), id="a-lease-stays"),
        pytest.param(
            [seen(f".{STATE}.part", 1.5)],
            ([(f".{STATE}.part", "unfinished storage state", 1)], []),
            id="leftover",
        ),
        pytest.param([seen(f".{STATE}.part", 0.5)], ([], []), id="being-written"),
        pytest.param(
            [seen(".other.part", 900)], ([], [".other.part"]), id="somebody-else-s-leftover"
        ),
    ],
)
def test_states(tmp_path, files, expected):
    for one in files:
        if one.path.name.endswith(".lease"):
            (tmp_path / one.path).touch()

    assert outcome(files, retention.states(tmp_path / STATE), 30) == expected


@pytest.fixture
def directory(tmp_path):
    tmp_path.chmod(0o700)
    return tmp_path


def old_file(directory, name=STATE):
    path = directory / name
    path.write_text("{}")
    os.utime(path, (0, 0))
    return path, next(one for one in removal.scan(directory) if one.path.name == name)


@pytest.mark.parametrize("name", [STATE, f".{STATE}.part"])
def test_a_state_goes_unless_somebody_uses_the_account(directory, name):
    path, found = old_file(directory, name)
    lease = AccountLock(directory / STATE).acquire()

    assert retention.remove_state(directory, found) is False
    assert path.exists()
    lease.release()
    assert retention.remove_state(directory, found) is True
    assert [one.name for one in directory.iterdir()] == [f"{STATE}.lease"]
    AccountLock(directory / STATE).acquire().release()


def test_a_state_that_was_renewed_meanwhile_stays(directory):
    path, found = old_file(directory)
    path.write_text("{} ")

    assert retention.remove_state(directory, found) is False
    assert path.exists()


def test_nothing_is_planned_for_a_directory_that_is_empty_or_not_there(tmp_path):
    for root in (tmp_path, tmp_path / "none"):
        assert kind(retention.states(root / STATE), root=root).scan(NOW) == ([], [])
        assert kind(retention.PAGES, root=root).scan(NOW) == ([], [])


@pytest.fixture
def unfinished(directory):
    path, _ = old_file(directory, f".{STATE}.part")
    return path


def test_what_a_killed_run_left_goes_at_once(directory, unfinished):
    old_file(directory)

    portal.remove_unfinished_state(directory / STATE)

    assert sorted(path.name for path in directory.iterdir()) == [STATE, f"{STATE}.lease"]
    AccountLock(directory / STATE).acquire().release()


def test_where_nothing_was_left_nothing_is_touched(tmp_path):
    portal.remove_unfinished_state(tmp_path / "profiles" / STATE)

    assert list(tmp_path.iterdir()) == []


def test_it_stays_while_somebody_may_be_writing_it(directory, unfinished, capsys):
    holder = AccountLock(directory / STATE).acquire()
    log.start(pipeline_name="test", run_id="R1")

    portal.remove_unfinished_state(directory / STATE)

    assert unfinished.exists()
    assert capsys.readouterr().out == ""
    holder.release()


def test_one_that_will_not_go_is_said_and_fails_nothing(directory, unfinished, capsys):
    directory.chmod(0o777)
    log.start(pipeline_name="test", run_id="R1")

    portal.remove_unfinished_state(directory / STATE)

    said = json.loads(capsys.readouterr().out)
    assert (said["level"], said["path"]) == ("warning", str(unfinished))
    assert "chmod 0700" in said["error"]
