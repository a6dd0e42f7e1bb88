"""The host becomes one of the group staging, whose unit holds a drill; until then it refuses.

Run by `make test-deploy` as the last, for the host is no production host any more.
"""

import os
from pathlib import Path

import pytest

from tests.proofs.deploy.operating import Operator
from tests.proofs.deploy.programs import docker

TIMER = "simplify@drill.timer"
UNIT = "simplify@drill.service"
BACKUPS = "/var/lib/simplify/backups"
PAGES = "/var/lib/simplify/reports/drills"
SCRATCH = "SELECT count(*) FROM pg_database WHERE datname LIKE '%!_drill!_%' ESCAPE '!'"


def timers(host):
    shown = host.run("systemctl list-units --state=active --no-legend --plain 'simplify*.timer'")
    return {line.split()[0] for line in shown.splitlines()}


def pages(host):
    return set(host.run(f"ls {PAGES} 2>/dev/null || true").split())


def hold(host, flags):
    """Start the unit with these flags and return how the job ended and what it said."""
    host.drop_in(UNIT, f'[Service]\nEnvironment="JOB_FLAGS={flags}"\n')
    since = host.now()
    host.run(f"systemctl start {UNIT}", check=False, timeout_s=1800)
    return host.property(UNIT, "ExecMainStatus"), host.journal(UNIT, since)


def test_a_production_host_has_no_such_timer_and_refuses(host):
    assert TIMER not in timers(host)
    assert host.run(f"systemctl is-enabled {TIMER}", check=False) != "enabled"

    code, said = hold(host, "--fault kill --seed 7")

    assert (code, "DRILL_ALLOWED is not true" in said) == ("78", True), said[-3000:]
    assert pages(host) == set()


@pytest.fixture(scope="module")
def staging(host, stage, release, tmp_path_factory):
    """The host in the group staging, with a backup of its database."""
    directory = tmp_path_factory.mktemp("staging")
    key = Path(os.environ["HOST_KEY"])
    operator = Operator(directory, stage, key, inventory="staging")
    operator.fill_in({"DRILL_ALLOWED": "true"} | stage.settings)
    code, text = operator.deploy(release)
    assert code == 0, text[-3000:]

    url = stage.secrets["DATABASE_URL"]
    stage.run_program(f"pg_dump --format=custom --file=simplify.dump '{url}'")
    docker("cp", f"{stage.name}:/stage/simplify.dump", directory / "simplify.dump")
    docker("cp", directory / "simplify.dump", f"{host.name}:{BACKUPS}/simplify.dump")
    host.run(f"chown simplify:simplify {BACKUPS}/simplify.dump")
    return host


def test_a_host_of_the_group_staging_has_the_timer(staging):
    assert TIMER in timers(staging)
    assert " 13:20:00" in staging.property(TIMER, "TimersCalendar")


@pytest.mark.parametrize("fault", ["kill", "disk"])
def test_its_unit_holds_a_drill_and_leaves_the_page(staging, stage, fault):
    before = pages(staging)
    mails = stage.mails("@")

    code, said = hold(staging, f"--fault {fault} --seed 7")

    assert (code, staging.property(UNIT, "Result")) == ("0", "success"), said[-3000:]
    assert "7 of 7 promises held" in said
    [page] = pages(staging) - before
    assert staging.run(f"head -c 5 {PAGES}/{page}") == "%PDF-"
    assert "drill" not in staging.owes()
    assert stage.sql(SCRATCH) == "0"
    # That the unit failed where it was refused, and works now, is told by the host and not by the drill.
    new = stage.mails("@")[len(mails) :]
    assert [subject for subject in new if UNIT not in subject] == []
