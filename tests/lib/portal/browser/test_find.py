import os
from pathlib import Path

import pytest

from lib.errors import ConfigurationError
from lib.portal.browser.find import find, sandboxes


def test_the_chosen_browser_is_taken_whatever_else_is_there(installed):
    installed("chromium")

    assert find(Path("/opt/browser"), None) == Path("/opt/browser")


def test_the_headless_one_comes_before_the_whole_browser(installed):
    installed("google-chrome")
    installed("chromium")
    headless = installed("chromium-headless-shell")

    assert find(None, None) == headless


def test_playwrights_own_is_taken_when_path_has_none(installed, tmp_path):
    bundled = tmp_path / "bundled"
    bundled.touch()

    assert find(None, bundled) == bundled


def test_without_any_browser_the_refusal_names_the_command(installed, tmp_path):
    with pytest.raises(ConfigurationError, match="apt-get install chromium-headless-shell"):
        find(None, tmp_path / "missing")


@pytest.mark.parametrize(("uid", "settings"), [(0, (False,)), (1000, (True, False))])
def test_the_sandbox_is_tried_first_except_as_root(monkeypatch, uid, settings):
    monkeypatch.setattr(os, "geteuid", lambda: uid)

    assert sandboxes() == settings
