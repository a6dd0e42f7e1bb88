"""A fault drill from the restore to its page: real processes, server, disk, links."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import make_url, text

from demo.postgres_binaries import candidates
from lib.db.engine import connect
from lib.drill import backup, job_process, queries, scratch_database, small_disk
from lib.drill.model import Fault, Guarantee

ROOT = Path(__file__).parents[3]
STRUCK = {
    Fault.KILL: (-9, "was killed before its end"),
    Fault.DATABASE: (75, "Connection refused"),
    Fault.DISK: (75, "No space left on device"),
    Fault.PORTAL: (75, "the portal is out of reach"),
    Fault.MAIL: (0, "uncertain: SMTP answer to the message"),
}
"""How the disturbed run ends with seed 7, and what it or the next one says."""


def programs():
    """Return PATH with the programs of the server that the tests use, if they come from a package."""
    folders = [str(folder) for folder in candidates()]
    return os.pathsep.join([os.environ["PATH"], *folders])


@pytest.fixture
def staging(after_a_morning, tmp_path):
    """A staging host with a database of its own, a backup of it, and the right to break runs."""
    chain = after_a_morning
    backups = tmp_path / "backups"
    backups.mkdir()
    dump(chain.environment["DATABASE_URL"], backups / "simplify.dump")
    chain.environment |= {
        "DRILL_ALLOWED": "true",
        "DRILL_BACKUPS": str(backups),
        "RUN_ENV": "local",
        "PATH": programs(),
    }
    return chain


def dump(url, file):
    dumper = backup.program().with_name("pg_dump")
    done = subprocess.run(
        [dumper, "--format=custom", f"--file={file}", url],
        capture_output=True,
        text=True,
        check=False,
    )
    if "server version mismatch" in done.stderr:
        pytest.skip(f"{dumper} is older than the server of the tests")
    assert done.returncode == 0, done.stderr


def everything(chain):
    """Return what a drill must leave alone: rows, mails, reports, session."""
    with chain.engine.connect() as connection:
        counts = queries.row_counts(connection)
        people = connection.execute(text("SELECT email_address FROM notification_recipients"))
        readers = sorted(people.scalars())
    files = sorted(path.relative_to(chain.volumes) for path in chain.volumes.rglob("*"))
    mails = len(chain.mailbox.messages())
    return counts, readers, mails, [path for path in files if "drill" not in str(path)]


def verdicts(done):
    found = {}
    for event in done.events:
        said = re.match(r"(Held|Broken|Not tried): (.*) \((.*)\)$", event["message"])
        if said and event["pipeline_name"] == "drill":
            found[Guarantee(said[2])] = (said[1], said[3])
    return found


def the_page(chain):
    [path] = (chain.volumes / "reports" / "drills").iterdir()
    reader = PdfReader(path)
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def databases(chain):
    """Return the scratch databases that are there."""
    with chain.engine.connect() as connection:
        return scratch_database.left(connection)


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_strikes_a_real_run_which_recovers_and_every_promise_holds(staging, fault):
    if fault is Fault.DISK and small_disk.problem(None):
        pytest.skip("only root can mount the disk that is filled")
    before = everything(staging)

    done = staging.run_program("drill", "--fault", fault, "--seed", "7")

    code, said = STRUCK[fault]
    assert done.code == 0, done.output
    assert said in done.output
    assert {verdict for verdict, _ in verdicts(done).values()} == {"Held"}
    assert set(verdicts(done)) == set(Guarantee)
    assert verdicts(done)[Guarantee.ENDED] == ("Held", f"it ended with {code}")
    is_uncertain = "uncertain, and jobs.status names them" in verdicts(done)[Guarantee.MAILS][1]
    assert is_uncertain == (fault is Fault.MAIL)
    assert everything(staging) == before
    assert databases(staging) == []

    page = the_page(staging)
    assert "Every promise held" in page
    assert "7 of 7" in page
    assert fault.text in page
    assert "seed 7" in page
    assert "simplify.dump" in page
    assert f"jobs.drill --fault {fault} --seed 7" in page


def test_a_backup_that_cannot_be_restored_is_a_broken_promise_and_nothing_else_is_tried(staging):
    file = Path(staging.environment["DRILL_BACKUPS"]) / "simplify.dump"
    file.write_bytes(file.read_bytes()[:-20_000])
    before = everything(staging)

    done = staging.run_program("drill", "--fault", "kill", "--seed", "7")

    assert done.code == 1, done.output
    found = verdicts(done)
    assert found.pop(Guarantee.RESTORED)[0] == "Broken"
    assert set(found.values()) == {("Not tried", "the backup could not be restored")}
    assert len(found) == len(Guarantee) - 1
    assert "1 promise did not hold" in the_page(staging)
    assert everything(staging) == before
    assert databases(staging) == []


def test_a_database_that_is_only_named_alike_is_left_alone(staging):
    url = staging.environment["DATABASE_URL"]
    name = f"{make_url(url).database}_drill"
    server = connect(url, application_name="tests").execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        queries.create_database(connection, name)

    try:
        done = staging.run_program("drill", "--fault", "mail", "--seed", "7")

        assert done.code == 0, done.output
        with server.connect() as connection:
            assert name in queries.own_databases(connection)
    finally:
        with server.connect() as connection:
            queries.drop_database(connection, name)
        server.dispose()


@contextmanager
def drill_at_work(staging, fault="mail"):
    """Yield a drill whose run has begun, and its lines to come."""
    drill = subprocess.Popen(
        [sys.executable, "-m", "jobs.drill", "--fault", fault, "--seed", "7"],
        cwd=ROOT,
        env=staging.environment,
        stdout=subprocess.PIPE,
        text=True,
    )

    with drill, drill.stdout as lines:
        try:
            next(line for line in lines if "run started" in line)
            yield drill, lines
        finally:
            drill.kill()


def test_a_second_drill_is_told_to_wait_and_the_first_is_left_alone(staging):
    with drill_at_work(staging) as (drill, lines):
        # So that it is at work for as long as the others look.
        drill.send_signal(signal.SIGSTOP)
        [name] = databases(staging)

        second = staging.run_program("drill", "--fault", "mail", "--seed", "7")
        pruned = staging.run_program("prune")

        assert second.code == 75, second.output
        assert "another drill is at work" in second.output
        assert pruned.code == 0, pruned.output
        assert databases(staging) == [name]
        drill.send_signal(signal.SIGCONT)
        drill.terminate()
        lines.read()
        drill.wait()

    assert databases(staging) == []


@pytest.fixture
def killed(staging, tmp_path, request):
    """A staging host on which a drill was killed while its run was at work."""
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    staging.environment["TMPDIR"] = str(scratch)
    fault = getattr(request, "param", "mail")

    with drill_at_work(staging, fault) as (drill, lines):
        drill.kill()
        lines.close()
        drill.wait()

    [directory] = scratch.glob("simplify-drill-*")
    assert list(directory.rglob("*"))
    assert len(databases(staging)) == 1
    assert job_process.started_from(directory)
    wait_for_the_lock(staging)
    return staging, directory


def wait_for_the_lock(chain):
    """Wait until the server has seen that the killed process is gone."""
    limit = time.monotonic() + 300
    with chain.engine.connect() as connection:
        while not queries.lock_drills(connection):
            assert time.monotonic() < limit
        queries.unlock_drills(connection)


def is_gone(staging, directory):
    """Return True if nothing of the killed drill is left, and it can do nothing any more."""
    return (
        databases(staging) == []
        and not directory.exists()
        and not job_process.started_from(directory)
        and str(directory) not in Path("/proc/self/mounts").read_text()
    )


@pytest.mark.parametrize("killed", ["mail", "disk"], indirect=True)
def test_what_a_killed_drill_left_goes_with_the_next_one(killed):
    staging, directory = killed

    done = staging.run_program("drill", "--fault", "mail", "--seed", "7")

    assert done.code == 0, done.output
    assert is_gone(staging, directory)
    assert {verdict for verdict, _ in verdicts(done).values()} == {"Held"}


def test_what_a_killed_drill_left_goes_at_night_too(killed):
    staging, directory = killed

    asked = staging.run_program("prune", "--dry-run")
    assert asked.code == 0, asked.output
    assert "scratch databases: 1 would go" in asked.output
    assert directory.exists()

    done = staging.run_program("prune")

    assert done.code == 0, done.output
    assert "scratch databases: 1 removed" in done.output
    assert "scratch directories: 1 removed" in done.output
    assert is_gone(staging, directory)


def test_a_role_that_may_make_no_database_is_told_what_to_type(staging):
    url = make_url(staging.environment["DATABASE_URL"])
    server = connect(str(staging.environment["DATABASE_URL"]), application_name="tests")
    server = server.execution_options(isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE ROLE drill_reader LOGIN PASSWORD 'reader'"))

    try:
        as_reader = url.set(username="drill_reader", password="reader")
        done = staging.run_program(
            "drill", DATABASE_URL=as_reader.render_as_string(hide_password=False)
        )

        assert done.code == 78, done.output
        assert "ALTER ROLE drill_reader CREATEDB;" in done.output
    finally:
        with server.connect() as connection:
            connection.execute(text("DROP ROLE drill_reader"))
        server.dispose()


def test_a_stopped_drill_drops_its_database_and_ends_what_it_started(staging):
    with drill_at_work(staging) as (drill, lines):
        drill.terminate()
        rest = lines.read()
        assert drill.wait(300) == 75, rest

    assert databases(staging) == []
