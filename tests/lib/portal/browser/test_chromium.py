"""Browsers that do not start, or not as wished: each is told with a next step."""

from dataclasses import replace

import pytest

from lib.errors import ConfigurationError
from lib.portal import PortalAway
from lib.portal.browser import chromium, processes


def program(file, script):
    """Write an executable shell script and return its path."""
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def refusal(settings, kind=ConfigurationError, **how):
    """Return why no browser starts; nothing of the attempt is left."""
    before = processes.children()
    with pytest.raises(kind) as refused, chromium.browser(settings, lives_s=20, **how):
        pytest.fail("a browser started")
    # what an earlier test started may have ended meanwhile
    assert processes.children() <= before
    return str(refused.value)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Playwright's own lost future
@pytest.mark.parametrize(
    "script",
    ["echo 'error while loading shared libraries: libatomic.so.1' >&2; exit 127", "exit 0"],
)
def test_a_driver_that_ends_at_once_is_named_with_the_command_that_mends_it(
    settings, tmp_path, monkeypatch, script
):
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(program(tmp_path / "node", script)))
    said = refusal(settings)

    assert "Playwright's Node.js) does not start" in said
    assert "sh demo/setup.sh" in said
    assert "libatomic1" in said


def test_a_driver_that_is_not_there_is_named_too(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(tmp_path / "nowhere"))

    assert "Playwright's Node.js) does not start" in refusal(settings)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_driver_that_never_answers_is_ended(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(chromium, "DRIVER_S", 1)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(program(tmp_path / "node", "sleep 600")))

    assert "Playwright's Node.js) does not start" in refusal(settings)


def test_a_browser_that_is_never_ready_is_ended_and_another_start_may_help(
    settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(chromium, "BROWSER_S", 1)
    hung = replace(settings, browser_executable=program(tmp_path / "browser", "sleep 600"))

    assert "the browser died or hung" in refusal(hung, PortalAway)


def test_a_browser_that_does_not_start_is_named(settings, tmp_path):
    broken = replace(settings, browser_executable=program(tmp_path / "browser", "exit 1"))

    assert (
        refusal(broken)
        == f"the browser {tmp_path / 'browser'} does not start; try it by hand or set BROWSER_EXECUTABLE"
    )


def test_a_window_without_a_screen_is_refused_with_a_way_out(settings, tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    said = refusal(
        replace(settings, browser_executable=program(tmp_path / "browser", "exit 1")), headed=True
    )

    assert said.endswith(
        "there is no screen for --headed; run it on a desktop and copy the storage state"
    )


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_the_driver_says_on_stderr_is_not_heard(settings, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv(
        "PLAYWRIGHT_NODEJS_PATH", str(program(tmp_path / "node", "echo fill password >&2; exit 1"))
    )
    refusal(settings)
    heard = capfd.readouterr()

    # Our own log may say that Playwright lost its driver: once Python has removed what it left.
    assert (heard.err, "password" in heard.out) == ("", False)


def test_the_browser_has_none_of_our_secrets_in_its_environment(settings, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/d")
    seen = tmp_path / "environment"
    refusal(
        replace(settings, browser_executable=program(tmp_path / "browser", f"env > {seen}; exit 1"))
    )

    assert "PATH=" in seen.read_text()
    assert "hunter2" not in seen.read_text()
