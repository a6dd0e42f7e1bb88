from datetime import date
from hashlib import sha256

import pytest

from lib.errors import UsageError
from lib.reports.documents import pdf_file
from tests.factories.reports import T


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
