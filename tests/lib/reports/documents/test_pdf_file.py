from datetime import date
from hashlib import sha256

import pytest

from lib.dates import Period, day_of
from lib.errors import UsageError
from lib.model import Pipeline
from lib.reports.documents import pdf_file
from tests.factories.reports import T


def test_a_daily_report_lies_under_the_year_of_its_day(tmp_path):
    path = pdf_file.report_path(tmp_path, "A668", Pipeline.DAILY, day_of(T))

    assert path == tmp_path / "2025" / "A668_2025-11-14.pdf"
    path = pdf_file.report_path(tmp_path, "TS48", Pipeline.DAILY, day_of(date(2024, 12, 31)))
    assert path == tmp_path / "2024" / "TS48_2024-12-31.pdf"


def test_a_period_report_lies_under_the_year_of_its_last_day(tmp_path):
    week = Period(date(2025, 12, 29), date(2026, 1, 4))
    path = pdf_file.report_path(tmp_path, "ALL", Pipeline.WEEKLY, week)

    assert path == tmp_path / "2026" / "ALL_week_2025-12-29_to_2026-01-04.pdf"
    month = Period(date(2025, 12, 1), date(2025, 12, 31))
    path = pdf_file.report_path(tmp_path, "A668", Pipeline.MONTHLY, month)
    assert path == tmp_path / "2025" / "A668_month_2025-12.pdf"


@pytest.mark.parametrize(
    "code", ["", "..", "../A668", "A668/..", "/etc/A1", "A668\n", "a668", "A 668", "A668\0", "A٦٦٨"]
)
def test_what_is_no_store_code_gets_no_path(tmp_path, code):
    with pytest.raises(UsageError, match="not a store code"):
        pdf_file.report_path(tmp_path, code, Pipeline.DAILY, day_of(T))


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
