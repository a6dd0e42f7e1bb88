"""Reading many lines at once says what reading them one by one says."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib import ingest
from lib.ingest import parse
from lib.ingest.plain_lines import PlainLines, plain_lines
from lib.model import Bucket, Download
from tests.lib.ingest.conftest import RUN_ON


def read(body):
    """The rows of a body with a header, many at a time where possible."""
    file = io.StringIO("a,b,c\n" + body, newline="")
    rows = []
    for part in parse.open_export(file).parts():
        rows += list(part.numbered_rows()) if isinstance(part, PlainLines) else [part]
    return rows


def read_one_by_one(body):
    return list(parse.open_export(io.StringIO("a,b,c\n" + body, newline="")).rows())


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_cells_and_commas_are_plain_with_whatever_quotes(line_end, last):
    lines = ["1,2,3", '4,"5, or ""6""",7', '"8",,"9"']
    plain = plain_lines(line_end.join(lines) + last, 3, 2)

    assert list(plain.numbered_rows()) == [
        (2, ["1", "2", "3"]),
        (3, ["4", '5, or "6"', "7"]),
        (4, ["8", "", "9"]),
    ]
    assert plain.column(1) == ["2", '5, or "6"', ""]
    written = io.StringIO()
    csv.writer(written).writerows(row for _, row in plain.numbered_rows())
    assert plain.written == written.getvalue()


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('1,"2, or 3",4', id="as the csv module quotes"),
        pytest.param('"1","2 3","4"', id="as PHP quotes"),
        pytest.param('"","2, or 3",""', id="empty cells"),
        pytest.param('",",",",","', id="nothing but commas"),
        pytest.param('"1 ""2""","3","""4"""', id="quotes in cells"),
    ],
)
def test_a_quoted_cell_is_the_cell_and_is_quoted_again_where_it_must_be(line):
    (cells,) = csv.reader([line])
    written = io.StringIO()
    csv.writer(written).writerow(cells)

    plain = plain_lines(f"{line}\n{line}", 3, 2)

    assert [plain.row(0), plain.row(1)] == [cells, cells]
    assert plain.written == written.getvalue() * 2


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("1,2\n", id="too few cells"),
        pytest.param("1,2\n3,4,5,6\n", id="too few, then too many"),
        pytest.param("1,2,3\n\n4,5,6\n", id="a blank line"),
        pytest.param('1,2,"3\n4,5,6"\n', id="a cell of two lines"),
        pytest.param(
            '1,2,3\r\n4,5,"6\n"\r\n', id="a line feed in a cell, where lines end otherwise"
        ),
        pytest.param('1,2,"3\n', id="an open quote"),
        pytest.param('1,"2" x,3\n', id="a stray quote"),
        pytest.param('1,"say \\"hi\\"",3\n', id="quoted by PHP"),
        pytest.param("1,2,3\r4,5,6\n", id="a carriage return"),
        pytest.param("1,2,3\x0b", id="a line end for Python alone, at the end"),
        pytest.param("1,2\u2028,3\n", id="a line separator"),
        pytest.param("1,2,\t3\n", id="a tab"),
        pytest.param("1,2,\\N\n", id="a backslash"),
        pytest.param("1,2,\0\n", id="a NUL"),
        pytest.param("1,2,\ufffd\n", id="bytes that are not UTF-8"),
        pytest.param("1,2\x1f,3\n", id="what stands for a comma"),
    ],
)
def test_what_is_in_any_doubt_is_read_one_by_one(body):
    assert plain_lines(body, 3, 2) is None
    assert read(body) == read_one_by_one(body)


@pytest.mark.parametrize("cell", [" x", "x ", "\xa0x", " "])
@pytest.mark.parametrize("place", range(3))
def test_a_row_with_white_space_at_an_end_of_a_cell_is_named(cell, place):
    cells = ["1", "2", "3"]
    cells[place] = cell

    assert plain_lines("1,2,3\n" + ",".join(cells) + "\n1,2,3\n", 3, 2).padded() == [1]
    assert plain_lines("1,2 2,3\n", 3, 2).padded() == []


def test_the_last_line_of_a_part_may_be_longer_than_any_row(monkeypatch):
    monkeypatch.setattr(parse, "PART_CHARS", 30)
    body = "1,2,3\n" * 5 + "x" * (parse.MAX_RECORD_CHARS * 3) + "\n" + "4,5,6\n" * 9

    assert read(body) == read_one_by_one(body)
    assert len(read(body)) == 15


CHARACTERS = st.sampled_from([*'1 ,,,,\n\n"é\\', "\r\n", '""', "\t", "\x1f", "\x85"])


@example("1,2,3\n" * 40 + '4,"5\n6",7\n' + "8,9,10\n" * 40, 60)
@given(st.lists(CHARACTERS, max_size=60).map("".join), st.integers(1, 20))
def test_parts_and_rows_are_the_same_wherever_the_parts_end(body, part_chars):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parse, "PART_CHARS", part_chars)
        assert read(body) == read_one_by_one(body)


@given(st.lists(st.lists(CHARACTERS, max_size=6).map("".join), min_size=1, max_size=12))
def test_the_merged_file_and_the_rows_for_copy_are_those_of_one_by_one(tmp_path_factory, cells):
    rows = [["A668", f"90000000{number:02}", cell] for number, cell in enumerate(cells)]
    text = io.StringIO()
    csv.writer(text).writerows([["store_code", "mobile_no", "status"], *rows])

    directory = tmp_path_factory.mktemp("merge")
    path = directory / "any.csv"
    path.write_bytes(text.getvalue().encode())
    found = []

    for patched in (None, lambda *_: None):
        with pytest.MonkeyPatch.context() as patch:
            if patched:
                patch.setattr(parse, "plain_lines", patched)
            download = Download("A668", Bucket.REPEAT_CUSTOMERS, path)
            merged = ingest.merge(download.bucket, [download], directory, RUN_ON)
            copied = b"".join(merged.staged.file.blocks())
            found.append((merged.path.read_bytes(), merged, copied))

    assert found[0] == found[1]
