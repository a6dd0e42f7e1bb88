"""SIGTERM in the middle of a COPY.

The stop is carried out at once, not told as a database error.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.lib.ingest.conftest import RUN

PROGRAM = """
import sys
from datetime import date, datetime, UTC
from pathlib import Path
from lib import ingest, stop
from lib.db.engine import connect
from lib.errors import describe, exit_code
from lib.domain.exports import EXPORTS
from lib.ingest import FileCounts, Merge
from lib.ingest.staged_rows import StagedRows
from lib.model import Bucket, Pipeline, RunRef
from tests.lib.ingest.conftest import Pipe

url, path, run_id = sys.argv[1:]
engine = connect(url, application_name="stopped")
bucket = Bucket.REPEAT_CUSTOMERS
staged = StagedRows(EXPORTS[bucket], Path(path))
staged.file = Pipe(Path(path))
merge = Merge(bucket, Path(path), {"A668": FileCounts(9, 9, 0)}, (), staged=staged)
run = RunRef(Pipeline.DAILY, run_id, "dev", date(2025, 11, 14), datetime.now(UTC))
stop.listen()
try:
    ingest.load(engine, merge, run)
except BaseException as error:
    print(type(error).__name__, describe(error))
    sys.exit(exit_code(error))
"""
ROWS = "".join(f"t\t{number}\t\t\tA668\t{9_000_000_000 + number}\tYes\n" for number in range(5_000))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_during_copy_ends_the_load_with_75_and_nothing_is_stored(
    engine, stored, tmp_path, number
):
    path = tmp_path / "rows"
    os.mkfifo(path)
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", PROGRAM, url, str(path), RUN.run_id]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    # the process may end before all is written: that it reads no further is what is wanted
    with suppress(BrokenPipeError), path.open("w", newline="") as pipe:
        pipe.write(ROWS)
        pipe.flush()
        wait_for_copy(engine)
        process.send_signal(number)
        pipe.write(ROWS.replace("A668\t9", "A668\t8"))

    output, _ = process.communicate(timeout=300)
    assert output.startswith("Interrupted stopped by SIG")
    assert process.returncode == 75
    assert stored("repeat_customers", "store_code", "mobile_no") == []


def wait_for_copy(engine):
    give_up_at = time.monotonic() + 30
    statement = """
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'COPY staged%%'
    """
    while time.monotonic() < give_up_at:
        with engine.connect() as connection:
            if connection.exec_driver_sql(statement).all():
                return
    pytest.fail("no COPY began")
