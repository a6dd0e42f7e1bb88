"""What a person sees: a job is run at a pseudo-terminal and at a pipe, and the two are compared."""

import json
import os
import pty
import re
import subprocess
import sys

PROGRAM = """
from pathlib import Path
from lib import log, terminal
from lib.errors import TemporaryError
from lib.model import Phase

log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
log.info("run <b>started</b> {now} [red]₹")
with log.phase(Phase.DOWNLOAD):
    with terminal.progress("downloading", 2) as step:
        step()
        log.ok("read", store_code="A668", bucket="missed_leads", path=Path("x"))
        step()
    log.warning("no rows", store_code="A817")
    log.error("failed", error=TemporaryError("the portal is away"))
    log.error("the portal is away", error=TemporaryError("the portal is away"))
"""
COLOURS_AND_CURSOR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def at_a_terminal(program):
    """Return what the program shows at a terminal of 200 columns, line by line, without colours."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
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
    assert process.wait(timeout=30) == 0
    text = COLOURS_AND_CURSOR.sub("", shown.decode()).replace("\r", "\n")
    return [line.rstrip() for line in text.split("\n") if line.strip()]


def test_a_person_sees_short_lines_with_a_mark_and_the_error_once():
    lines = [line for line in at_a_terminal(PROGRAM) if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert [line[9:] for line in lines] == [
        "· preflight   run <b>started</b> {now} [red]₹",
        "✔ download    A668 missed_leads read",
        "! download    A817 no rows",
        "✘ download    failed — the portal is away",
        "✘ download    the portal is away",
    ]


def test_a_person_sees_how_far_a_long_phase_is():
    assert any(line.startswith("downloading ") for line in at_a_terminal(PROGRAM))


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
    ]
    assert done.stderr == ""
