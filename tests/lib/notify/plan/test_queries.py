"""What the database says about a run, as the plan reads it."""

import pytest

from lib.notify.plan import queries
from tests.factories.notify import PIPELINE, RUN_ID
from tests.factories.notify_rows import add_run


@pytest.mark.parametrize(
    ("stored", "phases", "notified"),
    [
        pytest.param("warning", None, "warning", id="a run that has ended"),
        pytest.param(
            "running",
            {"login": {"ok": 1, "warning": 0, "error": 0}},
            "ok",
            id="open, all well so far",
        ),
        pytest.param(
            "running",
            {
                "scrape": {"ok": 2, "warning": 1, "error": 0},
                "report": {"ok": 1, "warning": 0, "error": 1},
            },
            "error",
            id="open, something owed",
        ),
        pytest.param("running", None, "ok", id="open, nothing recorded"),
    ],
)
def test_people_are_told_how_the_run_went_and_never_that_it_is_running(
    engine, stored, phases, notified
):
    add_run(engine, overall_status=stored, phases_json=phases)

    with engine.connect() as connection:
        assert queries.read(connection, PIPELINE, RUN_ID).run.overall_status == notified
