import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ingest import parse
from lib.ingest.errors import UnusableExport
from lib.ingest.parse import BrokenLine, open_export, open_text


@pytest.fixture
def read(tmp_path):
    """Return the header of a body and everything after it."""

    def do(body):
        path = tmp_path / "body.csv"
        path.write_bytes(body.encode() if isinstance(body, str) else body)
        with open_text(path) as file:
            export = open_export(file)
            return export.header, list(export.rows())

    return do


ROWS = [(2, ["1", "2"]), (3, ["3", "4"])]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("a,b\n1,2\n3,4\n", id="plain"),
        pytest.param("a,b\r\n1,2\r\n3,4\r\n", id="CRLF"),
        pytest.param("a,b\r\n1,2\n3,4", id="mixed line ends, no final newline"),
        pytest.param(b"\xef\xbb\xbfa,b\n1,2\n3,4\n", id="byte-order mark"),
        pytest.param(
            '"a","b"\n"1","2"\n"3","4"\n\n \n'.replace(" ", ""), id="quoted, blank lines at the end"
        ),
    ],
)
def test_the_same_rows_in_whatever_dress(read, body):
    assert read(body) == (["a", "b"], ROWS)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("No data available to export.", id="as the portal sends it"),
        pytest.param("no data available to export\r\n", id="any case, no full stop, newline"),
        pytest.param("  No data available to export. \n\n", id="spaces and blank lines"),
        pytest.param(b"\xef\xbb\xbfNo data available to export.", id="byte-order mark"),
    ],
)
def test_the_zero_row_sentence_is_an_export_without_rows(read, body):
    assert read(body) == ([], [])


def test_a_zero_row_sentence_before_a_real_export_is_dropped(read):
    assert read("No data available to export.\na,b\n1,2\n") == (["a", "b"], [(3, ["1", "2"])])


def test_a_header_alone_is_an_export_without_rows(read):
    assert read("a,b\n") == (["a", "b"], [])


@pytest.mark.parametrize(
    "body", ["", "\n\n", "\0\n", "a" * 60_000], ids=["empty", "blank", "NUL", "endless"]
)
def test_a_file_without_header_and_sentence_is_unusable(read, body):
    with pytest.raises(UnusableExport):
        read(body)


def test_a_file_that_is_not_there_is_unusable(tmp_path):
    with pytest.raises(UnusableExport, match="No such file"):
        open_text(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("1", "has 1 fields where the header has 2", id="short"),
        pytest.param("1,2,3", "has 3 fields where the header has 2", id="long"),
        pytest.param("1,\x002", "holds a NUL byte", id="NUL"),
        pytest.param("1," + "x" * 50_000, "is longer than any row", id="at the limit"),
        pytest.param("1," + "x" * 250_000, "is longer than any row", id="several limits long"),
    ],
)
def test_a_bad_line_costs_itself_only(read, line, reason):
    assert read(f"a,b\n1,2\n{line}\n3,4\n") == (
        ["a", "b"],
        [(2, ["1", "2"]), BrokenLine(3, reason), (4, ["3", "4"])],
    )


def test_a_value_of_several_lines_is_one_row(read):
    assert read('a,b,c\n1,"ring\ntwice",3\n4,5,6\n')[1] == [
        (2, ["1", "ring\ntwice", "3"]),
        (4, ["4", "5", "6"]),
    ]


def test_a_stray_quote_does_not_swallow_the_rows_after_it(read):
    _, rows = read('a,b,c\n1,"2,3\n4,5,6\n7,8,9\n')
    assert [row if isinstance(row, BrokenLine) else row[0] for row in rows] == [
        BrokenLine(2, "opens a quote that nothing closes"),
        3,
        4,
    ]


def test_two_stray_quotes_do_not_make_one_row_of_two(read):
    _, rows = read('a,b,c\n1,"2,3\n4,5,6\n7,8"8,9\n1,2,3\n')

    assert rows[0] == BrokenLine(2, "opens a quote that nothing closes")
    assert [row[0] for row in rows[1:]] == [3, 4, 5]


@pytest.mark.parametrize(
    ("body", "row"),
    [
        pytest.param('1,"2,3\n4,5,6\n7,8",9\n', ["1", "2,3\n4,5,6\n7,8", "9"], id="rows inside"),
        pytest.param('"x\n4,5,6\n",8,9\n', ["x\n4,5,6\n", "8", "9"], id="first column"),
        pytest.param('1,2,"x\r\n4,5,6"\r\n', ["1", "2", "x\r\n4,5,6"], id="last column, CRLF"),
        pytest.param('1,"a ""b"", c\n,,,,",3\n', ["1", 'a "b", c\n,,,,', "3"], id="quotes, commas"),
        pytest.param('1,"\n\n",3\n', ["1", "\n\n", "3"], id="nothing but line breaks"),
    ],
)
def test_a_quoted_value_of_several_lines_is_one_row_whatever_they_look_like(read, body, row):
    _, rows = read(f"a,b,c\n{body}7,7,7\n")
    assert [found for _, found in rows] == [row, ["7", "7", "7"]]


@pytest.mark.parametrize(
    ("body", "row"),
    [
        pytest.param(r'1,"say \"hi\"",3', ["1", r"say \"hi\"", "3"], id="a quote ends the cell"),
        pytest.param(r'1,"say \"hi\", ok",3', ["1", r"say \"hi\", ok", "3"], id="and a comma"),
        pytest.param(r'1,"C:\",3', ["1", "C:\\", "3"], id="a backslash ends the cell"),
        pytest.param(r'"\"","C:\","\"x"', [r"\"", "C:\\", r"\"x"], id="both, in every cell"),
        pytest.param(
            '1,"two\nsay \\"hi\\"\n4,5,6",3', ["1", 'two\nsay \\"hi\\"\n4,5,6', "3"], id="lines"
        ),
        pytest.param(r'1,"a \""b"" c",3', ["1", r'a \"b" c', "3"], id="doubled behind it"),
    ],
)
def test_a_cell_is_read_as_php_writes_it(read, body, row):
    _, rows = read(f"a,b,c\n{body}\n7,7,7\n")
    assert [found for _, found in rows] == [row, ["7", "7", "7"]]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ('1,"12" pipe",3', ["1", '12" pipe', "3"]),
        ('1,12" pipe,3', ["1", '12" pipe', "3"]),
    ],
)
def test_a_stray_quote_in_one_line_is_a_character(read, line, row):
    assert read(f"a,b,c\n{line}\n7,7,7\n")[1] == [(2, row), (3, ["7", "7", "7"])]


def test_a_stray_quote_in_a_long_file_is_found_within_bounded_memory(read):
    _, rows = read('a,b\n1,"2\n' + "3,4\n" * 40_000)

    assert rows[0] == BrokenLine(2, "opens a quote that nothing closes")
    assert len(rows) == 40_001


def test_bytes_that_are_not_utf8_are_replaced_and_counted(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes(b"a,b\n1,caf\xe9\n2,tea\n")
    with open_text(path) as file:
        export = open_export(file)
        assert list(export.rows()) == [(2, ["1", "caf\ufffd"]), (3, ["2", "tea"])]
        assert export.lines_with_unreadable_characters == 1


@given(
    st.text(alphabet=st.sampled_from('ab,"\n\r\0 \ufeffé'), max_size=200).map(str.encode)
    | st.binary(max_size=200)
)
def test_any_file_is_rows_of_the_headers_width_or_named_broken_lines(tmp_path_factory, body):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(body)
    try:
        with open_text(path) as file:
            export = open_export(file)
            rows = list(export.rows())
    except UnusableExport:
        return
    lines = [row.line if isinstance(row, BrokenLine) else row[0] for row in rows]

    assert lines == sorted(set(lines))
    assert all(isinstance(row, BrokenLine) or len(row[1]) == len(export.header) for row in rows)


def test_a_record_of_many_short_lines_is_given_up_at_the_limit(read, monkeypatch):
    monkeypatch.setattr(parse, "MAX_RECORD_CHARS", 20)
    assert read('a,b\n1,"2\n' + "x\n" * 12)[1][0] == BrokenLine(
        2, "opens a quote that nothing closes"
    )
