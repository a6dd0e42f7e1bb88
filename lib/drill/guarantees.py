"""What is judged after the retries: each promise by what is left, not by what the run said.

The sweep of the tests judges the same for every point of a run (docs/explanation/faults.md); it
compares with an undisturbed run besides, for which a live portal has no second chance.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine

from lib.domain.exports import EXPORTS
from lib.domain.mail_states import MailState
from lib.drill import queries
from lib.drill.job_process import JobEnding
from lib.drill.model import Fault, Guarantee, GuaranteeState, Judgement, judged
from lib.drill.queries import DeliveryRow
from lib.errors import ExitCode
from lib.files import UNFINISHED
from lib.plural import counted, plural_of

#: How often the job is started at most, the disturbed start included (deploy/host/attempts).
MOST_STARTS = 5
#: For the server to see that a killed client is gone.
LOCK_PATIENCE_S = 60.0
#: How many files are named; the others are counted.
NAMED = 3

#: How often a mail in this state may have arrived.
_ARRIVALS = {MailState.SENT: (1,), MailState.UNCERTAIN: (0, 1)}


def ended(fault: Fault, first: JobEnding, *, has_struck: bool) -> Judgement:
    """Judge how the disturbed run ended."""
    if not has_struck:
        return Judgement(Guarantee.ENDED, GuaranteeState.NOT_TRIED, "the fault did not strike")

    expected = {-9} if fault is Fault.KILL else {ExitCode.OK, ExitCode.TEMPORARY}
    problems = []

    if first.code not in expected:
        problems.append(f"it ended with {first.code}")

    if first.code > 0 and not first.has_error:
        problems.append("it failed without a word")

    if first.strays:
        problems.append(f"it left {counted(first.strays, 'line')} that are no log, as a traceback")

    return judged(Guarantee.ENDED, problems, f"it ended with {first.code}")


def recovered(
    connection: Connection,
    on: date,
    endings: Sequence[JobEnding],
) -> Judgement:
    """Judge what the ordinary retry led to."""
    problems = []
    codes = ", ".join(str(ending.code) for ending in endings)

    if endings[-1].code != ExitCode.OK:
        problems.append(f"after {counted(len(endings), 'start')} it still ends with {codes}")

    closing, running = queries.run_states(connection, on)
    if closing != 1:
        problems.append(f"{counted(closing, 'run')} close {on}")

    if running:
        problems.append(f"{counted(running, 'row')} of runs still say running")

    how = plural_of("exit code", len(endings))
    seen = f"{counted(len(endings), 'start')}, {how} {codes}; {on} is closed once"
    return judged(Guarantee.RECOVERED, problems, seen)


def mails(
    found: Collection[DeliveryRow],
    promised: Collection[tuple[str, str]],
    taken: Mapping[tuple[str, str], int],
    named: int,
) -> Judgement:
    """Judge what was mailed about the day, and that nothing else arrived.

    `taken` is what arrived, `promised` what was to be mailed about any day, and `named` is how many
    uncertain ones jobs.status names.
    """
    problems = []
    states = Counter(one.state for one in found)

    for one in found:
        arrived = taken.get((one.message_id, one.recipient), 0)
        if arrived not in _ARRIVALS.get(one.state, (0,)):
            problems.append(f"{_name(one)} is {one.state} and arrived {arrived} times")

        if one.state in {MailState.PENDING, MailState.SENDING, MailState.FAILED}:
            problems.append(f"{_name(one)} is {one.state} in the end")

    if strangers := len(set(taken).difference(promised)):
        problems.append(f"{counted(strangers, 'mail')} arrived that nobody promised")

    uncertain = states[MailState.UNCERTAIN]
    if named != uncertain:
        problems.append(f"{uncertain} are uncertain, and jobs.status names {named}")

    if not found:
        problems.append("no mail was promised at all")

    seen = f"{counted(states[MailState.SENT], 'delivery', 'deliveries')} sent and arrived once"
    if uncertain:
        seen += f"; {uncertain} uncertain, and jobs.status names them"

    return judged(Guarantee.MAILS, _shortened(problems), seen)


def rows(connection: Connection, on: date, before: Mapping[str, int]) -> Judgement:
    """Judge the load accounting; `before` are the rows of each table before the first start."""
    problems = []

    for what in queries.wrong_sums(connection):
        problems.append(f"the counts of {what} do not add up")

    now, said = queries.row_counts(connection), queries.inserted(connection, on)
    total = 0

    for export in EXPORTS.values():
        grown, counted_rows = now[export.table] - before[export.table], said.get(export.table, 0)
        total += grown

        if grown != counted_rows:
            problems.append(f"{export.table} grew by {grown} where {counted_rows} are counted")

    seen = f"{counted(total, 'new row')} in {len(EXPORTS)} tables, as counted"
    return judged(Guarantee.ROWS, _shortened(problems), seen)


def files(connection: Connection, on: date) -> Judgement:
    """Judge the reports of the day against their rows."""
    problems = []
    found = queries.newest_reports(connection, on)

    for row in found:
        path = Path(row.file_path)
        content = path.read_bytes() if path.is_file() else b""
        is_same = hashlib.sha256(content).hexdigest() == row.checksum

        if not is_same or len(content) != row.size_bytes:
            problems.append(f"{path.name} is not what its row says")

    if not found:
        problems.append("no report was made")

    seen = f"{counted(len(found), 'report')}, each with the checksum and size of its row"
    return judged(Guarantee.FILES, _shortened(problems), seen)


def nothing_left(
    scratch: Engine,
    volumes: Mapping[str, Path],
    endings: Sequence[JobEnding],
) -> Judgement:
    """Judge what the runs left behind; exports that no audit released are kept on purpose."""
    problems = []

    if any(ending.left_process for ending in endings):
        problems.append("a process outlived its job")

    if locks := _locks_that_stay(scratch):
        problems.append(f"{counted(locks, 'lock')} are still held at the database")

    for setting, root in volumes.items():
        for path in sorted(root.rglob("*")):
            if path.name.endswith(UNFINISHED) or (setting == "TMPDIR" and path.is_file()):
                problems.append(f"{path.name} is left in {setting}")

    seen = "no process, lock or unfinished file"
    return judged(Guarantee.NOTHING_LEFT, _shortened(problems), seen)


def _locks_that_stay(scratch: Engine) -> int:
    deadline = time.monotonic() + LOCK_PATIENCE_S

    with scratch.connect() as connection:
        while (held := queries.held_locks(connection)) and time.monotonic() < deadline:
            connection.rollback()
            time.sleep(0.1)

    return held


def _name(one: DeliveryRow) -> str:
    return f"a mail {one.profile} {one.store_code}".rstrip()


def _shortened(problems: list[str]) -> list[str]:
    if len(problems) <= NAMED:
        return problems

    return [*problems[:NAMED], f"and {len(problems) - NAMED} more"]
