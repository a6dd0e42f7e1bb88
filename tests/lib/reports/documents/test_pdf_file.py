from dataclasses import replace
from datetime import date
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest

from lib.errors import UsageError
from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.documents import pdf_file
from lib.reports.documents.pdf_file import Expected, WrongReport
from lib.reports.render import weasyprint_engine
from tests.factories.reports import RUN, T, facts

FIELDS = frozenset({"undelivered_delivered_1", "undelivered_comment_1"})
EXPECTED = Expected("A668", "2025-11-14", RUN.run_id, FIELDS)


@pytest.fixture(scope="module")
def report():
    return weasyprint_engine.render(
        daily_html(daily_context(facts(orders=1), RUN, ZoneInfo("Asia/Kolkata")))
    )


def test_a_daily_report_lies_under_the_year_of_its_day(tmp_path):
    assert pdf_file.daily_path(tmp_path, "A668", T) == tmp_path / "2025" / "A668_2025-11-14.pdf"
    assert (
        pdf_file.daily_path(tmp_path, "TS48", date(2024, 12, 31))
        == tmp_path / "2024" / "TS48_2024-12-31.pdf"
    )


@pytest.mark.parametrize(
    "code", ["", "..", "../A668", "A668/..", "/etc/A1", "A668\n", "a668", "A 668", "A668\0", "A٦٦٨"]
)
def test_what_is_no_store_code_gets_no_path(tmp_path, code):
    with pytest.raises(UsageError, match="not a store code"):
        pdf_file.daily_path(tmp_path, code, T)


def test_the_report_that_was_asked_for_passes(report):
    pdf_file.check(report, EXPECTED)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"store_code": "A817"}, "storecode 'A668' where 'A817'", id="another store"),
        pytest.param(
            {"period": "2025-11-13"}, "period '2025-11-14' where '2025-11-13'", id="another day"
        ),
        pytest.param({"run_id": "other"}, "runid", id="another run"),
        pytest.param({"fields": frozenset()}, "2 form fields where 0", id="more fields"),
        pytest.param(
            {"fields": FIELDS | {"missed_lead_comment_1"}},
            "2 form fields where 3",
            id="fewer fields",
        ),
    ],
)
def test_another_report_is_refused(report, changes, message):
    with pytest.raises(WrongReport, match=message):
        pdf_file.check(report, replace(EXPECTED, **changes))


@pytest.mark.parametrize(
    "kept",
    [slice(0), slice(9), slice(2000), slice(-20)],
    ids=["nothing", "a header", "a part", "no end"],
)
def test_a_blank_or_partial_file_is_refused(report, kept):
    with pytest.raises(WrongReport, match="blank or partial"):
        pdf_file.check(report[kept], EXPECTED)


def test_what_is_no_pdf_is_refused():
    with pytest.raises(WrongReport, match="blank or partial"):
        pdf_file.check(b"<html>an error page</html>", EXPECTED)


def test_a_pdf_of_unknown_origin_is_refused():
    with pytest.raises(WrongReport, match="says storecode 'nothing'"):
        pdf_file.check(weasyprint_engine.render('<html lang="en"><title>x</title><p>x'), EXPECTED)


def test_a_blank_page_is_refused():
    head = "".join(
        f'<meta name="{n}" content="{v}">'
        for n, v in [("StoreCode", "A668"), ("Period", "2025-11-14"), ("RunId", RUN.run_id)]
    )
    with pytest.raises(WrongReport, match="blank page"):
        pdf_file.check(
            weasyprint_engine.render(f'<html lang="en"><title>x</title>{head}<div></div>'), EXPECTED
        )


def test_a_stored_file_is_whole_known_by_its_checksum_and_alone(tmp_path):
    path = tmp_path / "2025" / "A668_2025-11-14.pdf"
    stored = pdf_file.store(b"content", path)
    assert path.read_bytes() == b"content"
    assert stored == pdf_file.StoredFile(path, 7, sha256(b"content").hexdigest())
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_replaces_the_old_one(tmp_path):
    path = tmp_path / "report.pdf"
    pdf_file.store(b"old and longer", path)
    pdf_file.store(b"new", path)
    assert path.read_bytes() == b"new"
