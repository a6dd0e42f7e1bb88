import subprocess
import sys

import pytest

from lib.domain.exports import EXPORTS
from lib.model import Bucket
from lib.portal.exports import Rejected, Saved, save
from lib.portal.http.reply import Reply, ReplyKind

ROWS = b"order_no,store_code\nT1,A668\n"
ORDERS = EXPORTS[Bucket.UNDELIVERED_ALL]
SENTENCE = b"No data available to export."


def fetch(body, kind=ReplyKind.CSV):
    def fill(into):
        into.write(body)
        return kind, Reply(200, {}, body)

    return fill


@pytest.mark.parametrize(
    ("body", "kind", "saved"),
    [
        (ROWS, ReplyKind.CSV, ROWS),
        (b"\xef\xbb\xbf" + ROWS, ReplyKind.CSV, b"\xef\xbb\xbf" + ROWS),
        (b"order_no,store_code\n", ReplyKind.CSV, b"order_no,store_code\n"),
        (SENTENCE, ReplyKind.EMPTY_EXPORT, SENTENCE),
        (SENTENCE + b"\n" + ROWS, ReplyKind.CSV, ROWS),
        (ROWS.replace(b"A668", b"a668"), ReplyKind.CSV, ROWS.replace(b"A668", b"a668")),
    ],
    ids=[
        "rows",
        "byte-order-mark",
        "header-only",
        "zero-rows",
        "sentence-then-rows",
        "lower-case-code",
    ],
)
def test_a_proven_export_gets_its_name_and_nothing_is_left_beside_it(tmp_path, body, kind, saved):
    file = tmp_path / "data" / "A668-undelivered-all.csv"
    save(fetch(body, kind), file, "A668", ORDERS)

    assert (list(file.parent.iterdir()), file.read_bytes()) == ([file], saved)
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b"<html>", ReplyKind.LOGGED_OUT, "the log-in-first page (status 200) in place of the CSV"),
        (b"", ReplyKind.UNKNOWN, "an unknown page (status 200) in place of the CSV"),
        (
            b"what,ever\n1,2\n",
            ReplyKind.UNKNOWN,
            "an unknown page (status 200) in place of the CSV",
        ),
        (
            ROWS.replace(b"order_no", b"Number"),
            ReplyKind.UNKNOWN,
            "the CSV has no column order_id or order_no; if the portal",
        ),
        (ROWS.replace(b"A668", b"B002"), ReplyKind.CSV, "its rows belong to another store"),
        (ROWS + b'"' + b"x" * 200_000, ReplyKind.CSV, "its rows cannot be read as CSV"),
    ],
    ids=["logged-out", "unknown", "other-columns", "renamed-column", "another-store", "unreadable"],
)
def test_anything_else_is_refused_and_leaves_the_older_file_as_it_was(tmp_path, body, kind, reason):
    file = tmp_path / "A668-undelivered-all.csv"
    file.write_bytes(b"older")

    with pytest.raises(Rejected) as refused:
        save(fetch(body, kind), file, "A668", ORDERS)
    assert reason in str(refused.value)
    assert (list(tmp_path.iterdir()), file.read_bytes()) == ([file], b"older")


@pytest.mark.integration
@pytest.mark.parametrize("is_proven", [True, False])
def test_whether_a_file_is_proven_whole_is_handed_on(tmp_path, is_proven):
    def fill(into):
        into.write(ROWS)
        return ReplyKind.CSV, Reply(200, {}, ROWS, is_proven)

    saved = save(fill, tmp_path / "A668-x.csv", "A668", ORDERS)

    assert saved == Saved(("order_no", "store_code"), is_proven)


@pytest.mark.integration
def test_what_a_killed_run_left_is_taken_over_by_the_next(tmp_path):
    """Killed in the middle of a transfer.

    The hidden file stays, under a name that the next run uses too.
    """
    die = "import os; os.kill(os.getpid(), 9)"
    program = f"""
from pathlib import Path
from lib.model import Bucket
from lib.portal.exports import save
from lib.domain.exports import EXPORTS
def fetch(into):
    into.write(b"half a")
    into.flush()
    {die}
save(fetch, Path({str(tmp_path / "A668-x.csv")!r}), "A668", EXPORTS[Bucket.UNDELIVERED_ALL])
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    [left] = tmp_path.iterdir()
    save(fetch(ROWS), tmp_path / "A668-x.csv", "A668", ORDERS)

    assert left.name.startswith(".")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("A668-x.csv", ROWS)]


def test_a_broken_transfer_leaves_nothing(tmp_path):
    def break_off(into):
        into.write(b"order_no")
        raise ConnectionError

    with pytest.raises(ConnectionError):
        save(break_off, tmp_path / "A668-undelivered-all.csv", "A668", ORDERS)
    assert list(tmp_path.iterdir()) == []
