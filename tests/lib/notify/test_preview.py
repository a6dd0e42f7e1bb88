"""Previews on disk: under names of ours, for the owner's eyes, through no link."""

from dataclasses import replace
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
    index, path = write_files(
        [previewed(profile=profile, store_code=store_code)], tmp_path / "preview"
    )

    assert (path.parent, path.name) == (tmp_path / "preview", name)
    assert sorted(tmp_path.rglob("*")) == [
        path.parent,
        path,
        path.with_suffix(".html"),
        index,
    ]


def test_only_the_owner_reads_a_preview_and_a_link_in_its_place_is_replaced(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (tmp_path / "01_readers.eml").symlink_to(victim)
    index, path = write_files([previewed(profile="readers", store_code=None)], tmp_path)

    assert (victim.read_text(), path.is_symlink(), path.read_bytes()) == (
        "untouched",
        False,
        b"eml",
    )
    files = (index, path, path.with_suffix(".html"))
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_index_leads_to_every_mail_and_says_what_cannot_be_made(tmp_path):
    good = previewed(profile="good", store_code="A668", subject="Sale <b>&</b> more")
    bad = replace(previewed(profile="bad"), content=b"", problem="its file is gone")
    index, path = write_files([bad, good], tmp_path)
    page = index.read_text(encoding="utf-8")

    assert index.name == "index.html"
    assert "Mails that would go out: 2" in page
    assert f'<a href="{path.stem}.html">Sale &lt;b&gt;&amp;&lt;/b&gt; more</a>' in page
    assert f'<a href="{path.name}">' in page
    assert page.count("cannot be made: its file is gone") == 1
    assert good.message.mail.to[0].mailbox not in page
