"""`jobs.reports`: the reports of a day once more, from the database alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from lib.db.tables import documents
from lib.db.tables import pipeline_run_summaries as runs


def rows(engine, table, *columns):
    with engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(
                select(*(table.c[name] for name in columns)).order_by("id")
            )
        ]


def made(engine):
    return sorted(rows(engine, documents, "reference_id_3", "reference_id_2", "checksum", "status"))


def test_a_day_is_made_again_without_the_portal_and_byte_for_byte(after_a_morning):
    chain = after_a_morning
    (on,) = {each for (each,) in rows(chain.engine, documents, "doc_date")}
    paths = sorted((chain.volumes / "reports").rglob("*.pdf"))
    before = {path: path.read_bytes() for path in paths}
    described = made(chain.engine)
    mails = len(chain.mailbox.messages())
    paths[0].unlink()

    ended = chain.run(
        "reports",
        "--date",
        str(on),
        TMS_BASE="http://127.0.0.1:9",
        TD_BASE_URL="http://127.0.0.1:9",
    )

    assert ended.code == 0, ended.output
    assert {path: path.read_bytes() for path in paths} == before
    assert made(chain.engine) == described
    assert rows(chain.engine, runs, "report_date", "overall_status", "closes") == [
        (on, "ok", True),
        (on, "ok", False),
    ]
    assert not any(
        list(mail.message.iter_attachments()) for mail in chain.mailbox.messages()[mails:]
    )


@pytest.mark.usefixtures("undrawn")
def test_a_store_that_never_had_a_report_gets_one_signed_by_the_run(after_a_morning):
    chain = after_a_morning
    with chain.engine.begin() as connection:
        connection.execute(text("DELETE FROM documents WHERE reference_id_3 = 'A817'"))
    on = rows(chain.engine, documents, "doc_date")[0][0]

    assert chain.run("reports", "--date", str(on), "--stores", "A817", "--no-notify").code == 0
    signed = dict(rows(chain.engine, documents, "reference_id_3", "reference_id_2"))
    first, second = (run_id for (run_id,) in rows(chain.engine, runs, "run_id"))
    assert signed == {"A668": first, "A817": second, "ALL": first}


@pytest.mark.usefixtures("undrawn")
def test_one_store_does_not_make_the_report_of_all_where_there_is_none(after_a_morning):
    chain = after_a_morning
    with chain.engine.begin() as connection:
        connection.execute(text("DELETE FROM documents WHERE reference_id_3 = 'ALL'"))
    on = rows(chain.engine, documents, "doc_date")[0][0]

    assert chain.run("reports", "--date", str(on), "--stores", "A817", "--no-notify").code == 0
    assert {code for code, *_ in made(chain.engine)} == {"A668", "A817"}
    assert chain.run("reports", "--date", str(on), "--no-notify").code == 0
    assert {code for code, *_ in made(chain.engine)} == {"A668", "A817", "ALL"}


def test_a_day_without_dashboards_is_a_warning_and_leaves_no_document(chain):
    ended = chain.run("reports", "--date", "2025-01-06", "--no-notify")

    assert ended.code == 0, ended.output
    assert rows(chain.engine, runs, "report_date", "overall_status") == [
        (date(2025, 1, 6), "warning")
    ]
    assert rows(chain.engine, documents, "id") == []


def test_a_day_that_is_not_over_is_wrong_usage_and_leaves_nothing(chain):
    tomorrow = date.today() + timedelta(days=2)  # noqa: DTZ011 - far enough for any zone
    ended = chain.run("reports", "--date", str(tomorrow), "--no-notify")

    assert ended.code == 2
    assert "is not complete yet" in ended.output
    assert rows(chain.engine, runs, "id") == []
