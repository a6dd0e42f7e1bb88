"""Previews on disk: under names of ours, for the owner's eyes, through no link."""

from datetime import UTC, datetime

import pytest

from lib.notify.outbox.rules import Message
from lib.notify.preview import PreviewedMail, write_files
from tests.factories.notify import mail


def previewed(**changes):
    return PreviewedMail(
        Message("<1@example.invalid>", mail(**changes), datetime(2025, 11, 15, tzinfo=UTC), ()),
        b"eml",
        "",
    )


@pytest.mark.parametrize(
    ("profile", "store_code", "name"),
    [
        ("store_daily_reports", "A668", "01_store_daily_reports_A668.eml"),
        ("run_summary", None, "01_run_summary.eml"),
        ("../../etc/cron.d/x", "A668", "01_______etc_cron_d_x_A668.eml"),
        ("readers", "..\\A/6\x008\n", "01_readers____A_6_8_.eml"),
        ("ü" * 300, None, f"01_{'_' * 100}.eml"),
    ],
)
def test_a_row_cannot_choose_where_its_preview_goes(tmp_path, profile, store_code, name):
    [path] = write_files([previewed(profile=profile, store_code=store_code)], tmp_path / "preview")

    assert (path.parent, path.name) == (tmp_path / "preview", name)
    assert sorted(tmp_path.rglob("*")) == [path.parent, path, path.with_suffix(".html")]


def test_only_the_owner_reads_a_preview_and_a_link_in_its_place_is_replaced(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "01_readers.eml").symlink_to(victim)
    [path] = write_files([previewed(profile="readers", store_code=None)], tmp_path)

    assert (victim.read_text(), path.is_symlink(), path.read_bytes()) == (
        "untouched",
        False,
        b"eml",
    )
    assert [file.stat().st_mode & 0o777 for file in (path, path.with_suffix(".html"))] == [
        0o600,
        0o600,
    ]
