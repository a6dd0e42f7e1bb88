"""Which Chromium is found; tests of the callers say what happens without one."""

from __future__ import annotations

from pathlib import Path

from lib import chromium


def test_the_chosen_one_goes_before_all_others(installed):
    installed("chromium")

    assert chromium.find(Path("/opt/browser")) == Path("/opt/browser")


def test_the_smallest_one_is_preferred_and_never_asked_for_a_window(installed):
    installed("google-chrome")
    whole = installed("chromium")
    windowless = installed("chromium-headless-shell")

    assert chromium.find(None) == windowless
    assert chromium.find(None, headed=True) == whole


def test_nothing_is_found_where_there_is_none(installed):
    assert chromium.find(None) is None
