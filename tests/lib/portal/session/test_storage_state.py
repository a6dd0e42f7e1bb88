import errno
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from stat import S_IMODE
from unittest.mock import Mock

import pytest

from lib.errors import ConfigurationError, TemporaryError
from lib.portal.session.storage_state import SessionState, load, save

COOKIE = {
    "name": "ci_session",
    "value": "secret-value",
    "domain": "tms.example.invalid",
    "path": "/",
    "expires": -1.0,
    "httpOnly": True,
    "secure": True,
    "sameSite": "Lax",
}
STATE = SessionState((COOKIE,), "Browser/1.0")


def test_a_saved_session_is_read_back_whole(tmp_path):
    save(tmp_path / "state.json", STATE)

    assert load(tmp_path / "state.json") == STATE


def test_a_session_is_readable_by_its_owner_only_and_so_is_a_directory_made_for_it(tmp_path):
    file = tmp_path / "profiles" / "state.json"
    save(file, STATE)

    assert (S_IMODE(file.stat().st_mode), S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_saving_replaces_in_one_step_and_leaves_nothing_else(tmp_path):
    file = tmp_path / "state.json"
    save(file, SessionState((COOKIE | {"value": "older"},)))
    save(file, STATE)

    assert (load(file), list(tmp_path.iterdir())) == (STATE, [file])


def test_the_file_is_one_that_playwright_could_load(tmp_path):
    save(tmp_path / "state.json", STATE)

    document = json.loads((tmp_path / "state.json").read_text())
    assert (document["cookies"], document["origins"]) == ([COOKIE], [])


@pytest.mark.parametrize(
    "odd",
    [
        COOKIE | {"value": "caf\u00e9"},
        COOKIE | {"expires": "soon"},
        COOKIE | {"expires": float("nan")},
        COOKIE | {"domain": 7},
        {"name": "a"},
        None,
        "cookie",
    ],
    ids=str,
)
def test_a_cookie_that_is_none_is_left_out_and_the_others_are_kept(tmp_path, odd):
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"cookies": [odd, COOKIE], "user_agent": "Browser/1.0"}))
    file.chmod(0o600)

    assert load(file) == STATE


@pytest.mark.parametrize("name", ["Bro\u00fcser", "a\r\nx: y", 7, None, " x"])
def test_a_browser_name_that_no_header_takes_is_left_out(tmp_path, name):
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"cookies": [COOKIE], "user_agent": name}))
    file.chmod(0o600)

    assert load(file) == replace(STATE, user_agent="")


def test_a_directory_in_place_of_the_file_is_named(tmp_path):
    (tmp_path / "state.json").mkdir(mode=0o700)

    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load(tmp_path / "state.json")


def test_a_missing_session_is_no_session(tmp_path):
    assert load(tmp_path / "state.json") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"cookies": []}',
        '{"cookies": [1]}',
        '{"cookies": [{"name": "a"}]}',
        '{"cookies": [{"name": "a", "value": 1, "domain": "b"}]}',
        '{"cookies": [{"name": "a", "value": "", "domain": "b", "expires": "soon"}]}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_session_is_no_session(tmp_path, text):
    file = tmp_path / "state.json"
    file.write_text(text)
    file.chmod(0o600)

    assert load(file) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_session_that_others_can_touch_is_refused_with_the_command_that_helps(tmp_path, mode):
    file = tmp_path / "state.json"
    save(file, STATE)
    file.chmod(mode)

    with pytest.raises(ConfigurationError, match=f"run: chmod 0600 {file}"):
        load(file)


def test_a_directory_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "profiles").write_text("a file in the way")

    with pytest.raises(ConfigurationError, match="cannot be made"):
        save(tmp_path / "profiles" / "state.json", STATE)


def test_a_full_disk_is_temporary_and_leaves_the_session_as_it_was(tmp_path, monkeypatch):
    file = tmp_path / "state.json"
    tmp_path.chmod(0o700)
    save(file, STATE)
    before = file.read_bytes()
    monkeypatch.setattr(
        os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    )

    with pytest.raises(TemporaryError, match="cannot be written: No space left on device"):
        save(file, replace(STATE, user_agent="another"))

    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
    assert file.read_bytes() == before


def test_a_cookie_never_shows_in_a_repr():
    assert "secret-value" not in repr(STATE)


def test_when_a_session_was_made_and_last_proven_is_kept_with_it(tmp_path):
    made_at, proven_at = datetime(2025, 12, 9, 1, tzinfo=UTC), datetime(2025, 12, 10, 1, tzinfo=UTC)
    state = replace(STATE, made_at=made_at, proven_at=proven_at)
    save(tmp_path / "state.json", state)

    assert load(tmp_path / "state.json") == state


@pytest.mark.parametrize("made_at", ["yesterday", 17, None, "2025-12-09T01:00:00"])
def test_a_time_that_is_none_is_unknown(tmp_path, made_at):
    save(tmp_path / "state.json", STATE)
    document = json.loads((tmp_path / "state.json").read_text()) | {"made_at": made_at}
    (tmp_path / "state.json").write_text(json.dumps(document))

    assert load(tmp_path / "state.json") == STATE


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_directory_in_which_others_can_write_is_refused(tmp_path, mode):
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles").chmod(mode)

    with pytest.raises(ConfigurationError, match="chmod 0700"):
        save(tmp_path / "profiles" / "state.json", STATE)
