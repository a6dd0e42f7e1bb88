"""`jobs.explain` after a real morning: what it says is what the PDF prints and what was stored."""

import io
import json
from collections import Counter
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import func, insert, select, text

from lib import dates
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.db import tables
from lib.errors import UsageError
from lib.pipelines import explain

RUN = "good-morning"


def words(content):
    """Return the letters of a PDF without white space: its lines are broken where they fit."""
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def asked(chain, day, store="A668", figure=None, *, with_rows=False, as_json=False):
    settings = from_variables(chain.environment, EnvFile({}, ()), ())
    question = explain.question(
        settings, store, dates.parse_day(day), None, figure=figure, with_rows=with_rows
    )
    return explain.explain(settings, "asking", question, as_json=as_json)


def not_printed(chain, store, day, said):
    """Return what is explained and not on the PDF; pictures have their words as alternative text."""
    pdf = words((chain.volumes / "reports" / day[:4] / f"{store}_{day}.pdf").read_bytes())
    found = []
    for figure in said["figures"]:
        is_drawn = figure["section"] in {"Pictures", "Picture"}
        if is_drawn or figure["label"].startswith("The last five"):
            continue
        found += [one for one in figure["printed"] if "".join(one.split()) not in pdf]
    return found


def on(chain):
    with chain.engine.connect() as connection:
        return connection.execute(select(func.max(tables.documents.c.doc_date))).scalar_one()


def everything(engine):
    """Return how many rows each table has, and the last of its transactions."""
    found = {}
    with engine.connect() as connection:
        for table in tables.metadata.sorted_tables:
            query = text(f"SELECT count(*), max(xmin::text::bigint) FROM {table.name}")
            found[table.name] = tuple(connection.execute(query).one())
    return found


@pytest.fixture
def day(after_a_morning):
    return str(on(after_a_morning))


def test_every_figure_of_the_pdf_is_said_with_its_run_and_nothing_is_written(after_a_morning, day):
    chain = after_a_morning
    before = everything(chain.engine)

    ended = chain.run("explain", "--store", "A668", "--date", day, "--json")

    assert ended.code == 0, ended.output
    said = json.loads(ended.output)
    assert len(said["figures"]) > 25
    assert not_printed(chain, "A668", day, said) == []

    stored = [
        one for figure in said["figures"] for term in figure["terms"] for one in term["stored"]
    ]
    assert {one["run_id"] for one in stored if one["is_stored"]} == {RUN}
    assert everything(chain.engine) == before


def test_every_figure_of_the_page_of_all_stores_is_said(after_a_morning, day):
    said = json.loads(asked(after_a_morning, day, "ALL", as_json=True))

    assert {one["label"] for one in said["figures"]} >= {"Pickups", "All stores", "All 2 stores"}
    assert not_printed(after_a_morning, "ALL", day, said) == []
    assert said["mailed"]


def test_it_says_what_was_loaded_and_what_was_mailed(after_a_morning, day):
    said = json.loads(asked(after_a_morning, day, as_json=True))

    assert [one["status"] for one in said["documents"]] == ["ok"]
    assert all(mail["readers"] and mail["has_figures"] for mail in said["mailed"])
    for export in said["exports"]:
        (account,) = export["accounts"]
        counts = Counter(account["counts"])
        assert account["run_id"] == RUN
        parts = ("inserted", "updated", "unchanged", "skipped", "rejected")
        assert counts["read"] == sum(counts[name] for name in parts) > 0
        assert account["file_name"].startswith("A668-")
        assert account["merged_name"].startswith("merged_")


def test_what_changed_since_the_report_was_mailed_is_said(after_a_morning, day):
    chain = after_a_morning
    unchanged = asked(chain, day, figure="sale")
    with chain.engine.begin() as connection:
        statement = "UPDATE store_dashboard_summary SET ftd_revenue = 12345 WHERE store_id ="
        connection.execute(
            text(f"{statement} (SELECT id FROM store_master WHERE store_code = 'A668')")
        )

    changed = asked(chain, day, "a668", "sale")

    assert "Unchanged since it was mailed" in unchanged
    assert "Changed since it was mailed" in changed
    assert "₹12,345" in changed


def test_customers_are_shown_with_rows_only(after_a_morning, day):
    chain = after_a_morning
    with chain.engine.connect() as connection:
        phones = {
            *connection.execute(select(tables.undelivered_orders.c.mobile_no)).scalars(),
            *connection.execute(select(tables.missed_leads.c.mobile_number)).scalars(),
        }
        names = set(connection.execute(select(tables.missed_leads.c.customer_name)).scalars())
    data = {one for one in (*phones, *names) if one}

    for as_json in (False, True):
        hidden = asked(chain, day, as_json=as_json)
        shown = asked(chain, day, with_rows=True, as_json=as_json)
        assert not {one for one in data if one in hidden}
        assert {one for one in data if one in shown}


@pytest.mark.parametrize("as_json", [False, True])
def test_what_the_store_wrote_of_a_row_is_shown_whole_and_with_rows_only(
    after_a_morning, day, as_json
):
    chain = after_a_morning
    listed = json.loads(asked(chain, day, with_rows=True, as_json=True))["rows"]
    order = listed["undelivered_all"][0]["order"]
    comment = "Leave it with the grandmother downstairs, " * 5
    returned = insert(tables.form_returns).values(
        digest=f"{as_json:064}",
        received_at=dates.now() - timedelta(hours=2),
        state="read",
        store_code="A668",
        report_date=dates.parse_day(day) - dates.DAY,
        run_id=RUN,
    )
    with chain.engine.begin() as connection:
        return_id = connection.execute(returned.returning(tables.form_returns.c.id)).scalar_one()
        answer = {"return_id": return_id, "kind": "order", "number": 1, "about": order}
        statement = insert(tables.form_answers).values(said="yes", comment=comment, **answer)
        connection.execute(statement)

    shown = asked(chain, day, with_rows=True, as_json=as_json)
    assert f": “{comment}”" in shown
    assert "you said: delivered" in shown
    assert "grandmother" not in asked(chain, day, as_json=as_json)


def test_what_is_not_stored_is_not_known_and_says_why(after_a_morning):
    said = asked(after_a_morning, "2025-01-06")

    assert "No dashboard of A668 for 6 Jan 2025 is stored" in said
    assert "No daily run about it has a row" in said
    assert "₹" not in said


@pytest.mark.parametrize(
    ("question", "words_of_it"),
    [
        ({"store": "X1"}, "--store names no store of the database"),
        ({"figure": "weather"}, "it prints: "),
        ({"day": "2099-01-01"}, "is not complete yet"),
    ],
    ids=["store", "figure", "future"],
)
def test_what_there_is_not_is_wrong_usage(after_a_morning, day, question, words_of_it):
    with pytest.raises(UsageError, match=words_of_it):
        asked(after_a_morning, **{"day": day, **question})
