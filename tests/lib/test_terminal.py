"""What a person sees: a job is run at a pseudo-terminal and at a pipe, and the two are compared."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = str(Path(__file__).parents[2])
PROGRAM = """
from pathlib import Path
from lib import log, terminal
from lib.errors import TemporaryError
from lib.model import Phase, Status

log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
log.info("run <b>started</b> {now} [red]₹")
with log.phase(Phase.DOWNLOAD):
    with terminal.phase(Phase.DOWNLOAD):
        with terminal.progress("downloading", 2) as step:
            step()
            log.ok("read", store_code="A668", bucket="missed_leads", path=Path("x"))
            log.warning("no rows", store_code="A817")
            step()
    log.error("failed", error=TemporaryError("the portal is away"))
    log.error("the portal is away", error=TemporaryError("the portal is away"))
    log.phase_ended(Status.OK, "2/2 stores", duration_ms=1500)
"""
COLOURS_AND_CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at_a_terminal(program, columns=200):
    """Return what the program shows at a terminal that wide, line by line, without colours."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=theirs, stderr=theirs, env=environ
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(timeout=300) == 0
    text = COLOURS_AND_CURSOR.sub("", shown.decode()).replace("\r", "\n")
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def test_a_person_sees_short_lines_with_a_mark_and_the_error_once():
    lines = [line for line in at_a_terminal(PROGRAM) if line[0] in "✔·!✘"]
    assert lines == [
        "· run <b>started</b> {now} [red]₹",
        "! download    A817 no rows",
        "✘ download    failed — the portal is away",
        "✘ download    the portal is away",
        "✔ download    2/2 stores" + " " * 34 + "1.5 s",
    ]


def test_a_person_sees_how_far_a_long_phase_is_and_not_each_store():
    lines = at_a_terminal(PROGRAM)
    assert any(re.match(r"  download    ━+ 2/2", line) for line in lines)
    assert not any("read" in line for line in lines)


OVERLAPPING = """
from lib import log, terminal
from lib.model import Phase, Status

log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
with terminal.progress(Phase.DOWNLOAD, 3) as step:
    for code in ("A668", "A817", "T105"):
        step()
        with log.phase(Phase.INGEST), terminal.phase(Phase.INGEST):
            log.warning("few rows", store_code=code)
    log.phase_ended(Status.OK, "3/3 stores", duration_ms=1500)
"""


def test_phases_that_overlap_have_one_bar_that_of_the_longer_one():
    lines = at_a_terminal(OVERLAPPING)
    assert any(re.match(r"  download    ━+ 3/3", line) for line in lines)
    assert not any(line.startswith("  ingest ") for line in lines)
    assert [line for line in lines if line[0] == "!"] == [
        f"! ingest      {code} few rows" for code in ("A668", "A817", "T105")
    ]


WIDE = """
from lib import log, terminal
from lib.errors import TemporaryError
from lib.model import Phase, Status

log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
with log.phase(Phase.REPORT), terminal.phase(Phase.REPORT):
    with terminal.progress("drawing", 2000) as step:
        log.error("word " * 60, store_code="A817", error=TemporaryError("reason " * 40))
        step()
    log.phase_ended(Status.ERROR, "1999/2000 PDFs", duration_ms=3_599_900)
with log.phase(Phase.RUN_SUMMARY):
    log.info("word " * 60)
terminal.say_lines("         warning: " + "word " * 40)
"""


def test_nothing_wraps_at_80_columns():
    lines = at_a_terminal(WIDE, columns=80)
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("           word") for line in lines), "goes on below its beginning"


HANG_UP = """
import os, signal, threading
from lib import log, stop, terminal
from lib.errors import Interrupted
from lib.model import Phase

terminal.prepare()
log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
stop.listen()
try:
    with terminal.phase(Phase.REPORT):
        log.warning("ready")
        threading.Event().wait()
except Interrupted as error:
    log.error(str(error))
    open("last words", "w").write(str(error))
    stop.exit_now(error.exit_code)
"""


def test_a_job_whose_terminal_is_closed_ends_as_one_that_is_stopped(tmp_path):
    child, screen = pty.fork()
    if not child:
        os.chdir(tmp_path)
        os.execve(
            sys.executable, [sys.executable, "-c", HANG_UP], os.environ | {"PYTHONPATH": ROOT}
        )

    shown = b""
    while b"ready" not in shown:
        shown += os.read(screen, 65536)
    os.close(screen)

    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 75
    assert (tmp_path / "last words").read_text().startswith("stopped by SIGHUP")


def test_a_pipe_gets_the_same_events_as_json_and_no_bar():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == [
        "run <b>started</b> {now} [red]₹",
        "read",
        "no rows",
        "failed",
        "the portal is away",
        "download ended: ok",
    ]
    assert done.stderr == ""
