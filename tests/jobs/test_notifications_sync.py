"""jobs.notifications_sync as Ansible runs it, on a migrated and seeded database."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from lib.db import tables
from tests.factories.notify_file import FILE
from tests.factories.notify_rows import execute, profile_id
from tests.programs import run_job

RECIPIENTS = tables.notification_recipients


@pytest.fixture
def sync(database, tmp_path):
    def run(text=FILE, *flags):
        (tmp_path / "notifications.yml").write_text(text)
        return run_job("notifications_sync", *flags, cwd=tmp_path, DATABASE_URL=database)

    return run


def recipients(engine, profile):
    with engine.connect() as connection:
        query = select(RECIPIENTS).where(RECIPIENTS.c.profile_id == profile_id(engine, profile))
        rows = connection.execute(query.order_by(RECIPIENTS.c.id))
        return [(row.email_address, row.send_as, row.store_code, row.display_name) for row in rows]


def last_line(done):
    return done.stdout.splitlines()[-1]


def test_the_file_replaces_the_placeholders_of_the_seeds_and_touches_no_other_pipeline(
    engine, sync
):
    done = sync()

    assert done.returncode == 0, done.stdout + done.stderr
    assert last_line(done) == "3 added, 0 changed, 18 removed, 2 left alone, 5 as in the file"
    assert recipients(engine, "run_summary") == [
        ("anna@chain.example", "to", None, "Anna"),
        ("ben@chain.example", "cc", None, None),
    ]
    assert recipients(engine, "store_daily_reports") == [("shop@chain.example", "to", "A668", None)]
    with engine.connect() as connection:
        assert len(connection.execute(select(RECIPIENTS)).all()) == 3 + 36


def test_a_second_sync_changes_nothing(sync):
    sync()
    assert last_line(sync()) == "0 added, 0 changed, 0 removed, 2 left alone, 8 as in the file"


def test_a_dry_run_shows_the_same_and_changes_nothing(engine, sync):
    before = recipients(engine, "run_summary")
    dry = sync(FILE, "--dry-run")

    assert recipients(engine, "run_summary") == before
    assert dry.stdout == sync().stdout
    for line in (
        "+ notification_recipients simplify_dashboard_daily run_summary any any anna@chain.example",
        "- notification_recipients simplify_dashboard_daily run_summary any any owner@example.invalid",
    ):
        assert line in dry.stdout.splitlines()


def test_what_the_file_changes_or_drops_later_follows_it(engine, sync):
    sync()
    without = FILE.replace("        - {address: ben@chain.example, as: cc}\n", "").replace(
        "name: Anna", "name: A. A."
    )
    done = sync(without)

    assert last_line(done) == "0 added, 1 changed, 1 removed, 2 left alone, 6 as in the file"
    assert "display_name 'Anna' -> 'A. A.'" in done.stdout
    assert recipients(engine, "run_summary") == [("anna@chain.example", "to", None, "A. A.")]


def test_rows_edited_by_hand_are_shown_and_left_alone(engine, sync):
    sync()
    by_hand = update(RECIPIENTS).where(RECIPIENTS.c.email_address == "ben@chain.example")
    execute(engine, by_hand.values(send_as="to"))
    execute(
        engine,
        RECIPIENTS.insert().values(
            profile_id=profile_id(engine, "run_summary"), email_address="carla@chain.example"
        ),
    )
    before = recipients(engine, "run_summary")

    done = sync()
    assert done.returncode == 0
    assert last_line(done) == "0 added, 0 changed, 0 removed, 4 left alone, 7 as in the file"
    assert recipients(engine, "run_summary") == before
    shown = [
        line
        for line in done.stdout.splitlines()
        if line.startswith("!") and "all_stores_report" not in line
    ]
    assert len(shown) == 2
    assert (
        "ben@chain.example: edited by hand and left alone; the file wants send_as 'to' -> 'cc'"
        in shown[0]
    )
    assert "carla@chain.example: from no file and left alone; the file does not have it" in shown[1]

    assert (
        last_line(sync(FILE, "--overwrite"))
        == "0 added, 1 changed, 3 removed, 0 left alone, 7 as in the file"
    )
    assert last_line(sync()) == "0 added, 0 changed, 0 removed, 0 left alone, 8 as in the file"


def test_a_profile_that_left_the_file_is_switched_off_and_comes_back_with_it(engine, sync):
    sync()
    first, _, _ = FILE.partition("    - code: store_daily_reports")
    done = sync(first)

    assert last_line(done) == "0 added, 0 changed, 3 removed, 2 left alone, 5 as in the file"
    with engine.connect() as connection:
        table = tables.notification_profiles
        active = connection.execute(
            select(table.c.is_active).where(table.c.code == "store_daily_reports")
        )
        assert active.scalar_one() is False
    assert last_line(sync()) == "1 added, 2 changed, 0 removed, 2 left alone, 5 as in the file"


def test_a_wrong_file_is_refused_as_a_whole(engine, sync):
    before = recipients(engine, "run_summary")
    done = sync(FILE.replace("as: cc", "as: copy"))

    assert done.returncode == 78
    assert "profile 1, recipient 2: as must be one of to, cc, bcc" in done.stdout
    assert recipients(engine, "run_summary") == before


def test_a_file_that_is_not_there_is_named(database, tmp_path):
    done = run_job(
        "notifications_sync", "--file", "nowhere.yml", cwd=tmp_path, DATABASE_URL=database
    )

    assert done.returncode == 78
    assert "nowhere.yml cannot be applied" in done.stdout
