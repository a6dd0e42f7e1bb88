"""Every text that PHP's fputcsv can write is read back, and nothing takes long."""

from hypothesis import given
from hypothesis import strategies as st

from lib.ingest.quoting import cells_of

TEXTS = st.text(alphabet=st.sampled_from('ab\\", \n'), max_size=8)


def fputcsv(cells):
    """Return the record as PHP writes it, without its line end."""
    return ",".join(map(enclosed, cells))


def enclosed(cell):
    if not set(cell) & set('",\\\n\r\t '):
        return cell
    written, is_escaped = "", False
    for character in cell:
        if character == "\\":
            is_escaped = True
        elif not is_escaped and character == '"':
            written += '"'
        else:
            is_escaped = False
        written += character
    return f'"{written}"'


def is_ambiguous(cell):
    """Whether PHP's own reader may end the cell elsewhere.

    A quote and a comma behind a backslash.
    """
    return '\\",' in cell or cell.endswith("\\")


@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_what_php_writes_has_a_reading_of_its_width(cells):
    record = fputcsv(cells)
    found = cells_of(record, len(cells))

    assert found is not None
    assert fputcsv(found) == record
    assert any(map(is_ambiguous, cells)) or found == cells


@given(st.text(alphabet=st.sampled_from('a\\",\n'), max_size=60), st.integers(1, 6), st.booleans())
def test_any_record_has_cells_of_its_width_or_none(record, width, allow_stray):
    found = cells_of(record, width, allow_stray=allow_stray)
    assert found is None or len(found) == width


def test_a_record_with_too_many_readings_is_given_up():
    assert cells_of('"' + '\\",' * 16_000, 15) is None
