"""What is kept of pages that nobody understood: private, redacted, few, and for a bounded time."""

import pytest

from demo.portal import Endpoint, Fault
from demo.portal import Kind as Trouble
from lib import portal
from lib.portal import PortalAway
from lib.portal.http.reply import Reply, ReplyKind
from lib.portal.unknown_pages import save
from tests.lib.portal.conftest import T

HTML = b"<html><body><p>under repair by Asha</p></body></html>"


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "logs" / "portal"


def names(directory):
    """Return the files without their time stamps."""
    return sorted(file.name.partition("-")[2] for file in directory.glob("*"))


def test_files_are_the_owners_alone(directory):
    save.keep(directory, "login/unknown", html="<p>", picture=b"png")

    assert names(directory) == ["login-unknown.html", "login-unknown.png"]
    assert {file.stat().st_mode & 0o777 for file in directory.iterdir()} == {0o600}
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_written_costs_nothing(tmp_path):
    (tmp_path / "logs").write_text("in the way")

    save.keep(tmp_path / "logs", "page", html="<p>")


def test_without_a_directory_nothing_is_kept():
    save.keep(None, "page", html="<p>")
    save.sweep(None)


def test_of_many_files_strangers_stay(directory, monkeypatch):
    monkeypatch.setattr(save, "MAX_FILES", 1)
    save.keep(directory, "old", html="<p>")
    (directory / "notes.html").write_text("somebody's own")
    save.keep(directory, "new", html="<p>")

    assert names(directory) == ["", "new.html"]


def test_of_many_files_the_newest_stay(directory, monkeypatch):
    monkeypatch.setattr(save, "MAX_FILES", 3)
    for number in range(5):
        save.keep(directory, f"page{number}", html="<p>")

    assert names(directory) == ["page2.html", "page3.html", "page4.html"]


@pytest.mark.parametrize(
    ("kind", "body", "kept"),
    [
        (ReplyKind.UNKNOWN, HTML, True),
        (ReplyKind.CHALLENGE, HTML, True),
        (ReplyKind.LOGGED_OUT, HTML, True),
        (ReplyKind.LOGGED_OUT, HTML.replace(b"under repair", b"You need to be logged in"), False),
        (ReplyKind.UNKNOWN, b"mobile,name\n9876543210,Asha", False),
        (ReplyKind.SERVER_ERROR, HTML, False),
        (ReplyKind.PAGE, HTML, False),
    ],
    ids="unknown challenge other-html logged-out no-html server-error dashboard".split(),
)
def test_only_web_pages_without_a_name_are_kept(directory, kind, body, kept):
    save.UnknownPageRecorder(directory).record_if_unknown(
        "A668-dashboard", kind, Reply(200, {}, body)
    )

    assert directory.exists() is kept
    assert not kept or "Asha" not in next(directory.iterdir()).read_text()


def test_of_a_run_a_few_are_enough(directory):
    recorder = save.UnknownPageRecorder(directory)
    for number in range(9):
        recorder.record_if_unknown(f"A{number}", ReplyKind.UNKNOWN, Reply(200, {}, HTML))

    assert names(directory) == ["A0.html", "A1.html", "A2.html"]


def test_an_unknown_page_at_login_leaves_picture_and_text_without_secrets(
    settings, simulator, control, stores
):
    control.add(Fault(Trouble.UNKNOWN_PAGE, Endpoint.LOGIN))

    with (
        portal.connect(settings) as client,
        pytest.raises(PortalAway, match="neither home nor login form"),
    ):
        client.log_in(stores)
    assert names(settings.artefacts_dir) == ["login-unknown_page.html", "login-unknown_page.png"]
    [text, picture] = sorted(settings.artefacts_dir.iterdir())
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert simulator.password not in text.read_text()


def test_an_unknown_page_in_place_of_a_dashboard_is_kept_without_a_browser(
    client, control, settings
):
    control.add(Fault(Trouble.UNKNOWN_PAGE, Endpoint.DASHBOARD, store="A668"))

    with pytest.raises(portal.StoreGap):
        client.dashboard("A668", T, None)
    assert names(settings.artefacts_dir) == ["A668-dashboard.html"]


def test_a_quiet_run_keeps_nothing(client, settings, tmp_path, stores):
    client.dashboard(stores[0], T, None)

    assert not settings.artefacts_dir.exists()
