"""Whatever a portal, or whoever stands in its place, puts into an export.

Rows or rejects, and the counts add up.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from lib import ingest
from lib.model import Bucket, Download
from tests.lib.ingest.conftest import CANONICAL, RUN, RUN_ON

NASTY = (
    "", " ", "\0", "\r", "\n", '"', "'", ",", "\\", "\\.", "\\N", "NULL", "null", "NaN", "Infinity", "-inf", "1e999999",
    "9" * 400, "-0", "0x10", "1_000", "\u0663", "\u0967\u0968", "\uff11\uff12", "½", "²", "₹", "=cmd|' /C calc'!A0", "@SUM(1)", "'; DROP TABLE x; --",
    "$1", "%s", "%(x)s", "{x}", "{{ 7 * 7 }}", "<script>", "../../etc/passwd", "\ufeff", "\u202e", "\ufffd", "\x1b[2J", "\x7f",
    "0000-00-00", "9999-12-31", "10000-01-01", "2025-02-30", "0001-01-01 BC", "infinity", "epoch", "now", "24:00:00",
    "25:61:61", "10:15:00+99", "true", "A668", "a668", " A668 ", "ALL", "x" * 5_000, "\U0001f4a9", "e\u0301",
)  # fmt: skip
CELLS = (
    st.sampled_from(NASTY)
    | st.text(max_size=30)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.dates().map(str)
)


def rows_of(bucket):
    """Rows of the bucket of which a few cells are somebody's malice."""
    columns = list(CANONICAL[bucket])
    changes = st.dictionaries(st.sampled_from(columns), CELLS, max_size=4)
    return st.lists(changes.map(lambda change: CANONICAL[bucket] | change), min_size=1, max_size=6)


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"'


def body(rows, *, is_quoted):
    lines = [",".join(rows[0])]
    lines += [
        ",".join(quoted(cell) if is_quoted else cell for cell in row.values()) for row in rows
    ]
    return "\n".join(lines).encode("utf-8", errors="surrogatepass") + b"\n"


WORLDS = st.sampled_from(Bucket).flatmap(lambda bucket: st.tuples(st.just(bucket), rows_of(bucket)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORLDS, st.booleans(), st.binary(max_size=30), st.integers(0, 400))
def test_every_row_is_accounted_for_whatever_is_in_its_cells(
    engine, tmp_path, world, is_quoted, noise, at
):
    bucket, rows = world
    content = body(rows, is_quoted=is_quoted)
    if len(noise) > 20:
        content = content[:at] + noise + content[at:]
    file = Path(tmp_path) / "any.csv"
    file.write_bytes(content)

    merged = ingest.merge(bucket, [Download("A668", bucket, file)], tmp_path, RUN_ON)
    loaded = ingest.load(engine, merged, RUN)
    verdict = ingest.audit(merged, loaded, ["A668"])

    assert [finding for finding in verdict.findings if "unaccounted" in finding.text] == []
    texts = [str(finding) for finding in (*merged.findings, *loaded.findings, *verdict.findings)]
    assert not [text for text in texts if "customer" in text.lower() and "Example Customer" in text]


CANARY = "kanarie'); DROP TABLE missed_leads; --%s%(x)s\\."


@pytest.mark.parametrize("bucket", Bucket)
def test_no_value_of_a_file_is_part_of_a_statement(engine, tmp_path, bucket):
    said = []

    def hear(_connection, _cursor, statement, *_):
        said.append(statement)

    row = {
        name: value if "store" in name.lower() else CANARY
        for name, value in CANONICAL[bucket].items()
    }
    file = Path(tmp_path) / "canary.csv"
    file.write_bytes(body([CANONICAL[bucket], row], is_quoted=True))
    event.listen(engine, "before_cursor_execute", hear)
    loaded = ingest.load(
        engine, ingest.merge(bucket, [Download("A668", bucket, file)], tmp_path, RUN_ON), RUN
    )
    event.remove(engine, "before_cursor_execute", hear)

    assert loaded.counts["A668"].read == 2
    assert len(said) > 5
    assert [statement for statement in said if "kanarie" in statement] == []


@example(b"")
@given(
    st.binary(max_size=2_000)
    | st.text(alphabet="\"',\n\r\0;\t aé\u2028\ufeff", max_size=2_000).map(str.encode)
)
def test_any_bytes_merge_or_are_named(tmp_path_factory, content):
    directory = tmp_path_factory.getbasetemp()
    file = directory / "any-bytes.csv"
    file.write_bytes(content)
    merged = ingest.merge(
        Bucket.MISSED_LEADS, [Download("A668", Bucket.MISSED_LEADS, file)], directory, RUN_ON
    )

    assert "A668" in merged.counts or [finding.severity for finding in merged.findings] == ["error"]
