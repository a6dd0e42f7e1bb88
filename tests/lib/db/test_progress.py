"""Which reports are made, as far as the rows say."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert

from lib.db import progress, tables
from lib.db.progress import CombinedReportState
from lib.model import Pipeline
from tests.factories.documents import report_row
from tests.factories.reports import RUN
from tests.factories.runs import add_run

T = date(2025, 11, 14)
MADE = Path("/r/2025/ALL.pdf")


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        pytest.param([], CombinedReportState(None, False, False), id="nothing"),
        pytest.param(["A668"], CombinedReportState(None, True, False), id="stores only"),
        pytest.param(["A668", "ALL"], CombinedReportState(MADE, True, True), id="all after them"),
        pytest.param(
            ["A668", "ALL", "A817"], CombinedReportState(MADE, True, False), id="a store after it"
        ),
        pytest.param(
            ["A668", "ALL", ("A817", "error")],
            CombinedReportState(MADE, True, True),
            id="a failure after it",
        ),
        pytest.param(
            ["A668", ("ALL", "error")], CombinedReportState(None, True, False), id="it failed"
        ),
    ],
)
def test_the_report_of_all_is_as_new_as_the_newest_store(engine, rows, wanted):
    add_run(engine, RUN)
    with engine.begin() as connection:
        for row in rows:
            code, status = row if isinstance(row, tuple) else (row, "ok")
            connection.execute(
                insert(tables.documents).values(
                    report_row(RUN, code, status=status, file_path=f"/r/2025/{code}.pdf")
                )
            )
        assert progress.combined_report(connection, Pipeline.DAILY, T) == wanted
