"""A fresh host becomes a production host by one command.

Run by `make test-deploy`, before check_night.py.
"""

import json
import re
from pathlib import Path

import pytest

from tests.proofs.deploy.programs import docker

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
EXPOSURE_TENTHS = 25
NAMES = ("data", "logs", "profiles", "reports", "returns")
VOLUMES = [f"/var/lib/simplify/{name}" for name in NAMES]


def changed(text):
    return int(re.search(r"changed=(\d+)", text)[1])


def test_one_command_makes_a_production_host(operator, host, release):
    code, text = operator.deploy(release)

    assert code == 0, text[-3000:]
    assert host.image() == docker("image", "inspect", "--format={{.Id}}", release)


def test_a_second_run_changes_nothing(operator, release):
    code, text = operator.deploy(release)
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_check_mode_works_and_would_change_nothing(operator, release):
    code, text = operator.deploy(release, "--check")
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_secrets_are_for_the_jobs_alone(host):
    modes = host.run(
        "stat -Lc '%a %U' /etc/simplify /etc/simplify/current/secrets /etc/simplify/current/secrets/*"
    )

    assert modes.splitlines() == ["750 root", "700 simplify", "600 simplify", "600 simplify"]
    said = host.run(
        "setpriv --reuid=nobody --clear-groups cat /etc/simplify/current/secrets/* 2>&1",
        check=False,
    )
    assert [line.rpartition(": ")[2] for line in said.splitlines()] == ["Permission denied"] * 2


def test_the_secrets_are_in_no_journal_and_no_argument(host, stage):
    password = stage.secrets["TD_A668_PASSWORD"]
    assert host.run(f"journalctl --no-pager | grep -c {password} || true") == "0"


def test_the_readers_are_those_of_the_file(operator, stage, release):
    said = "SELECT count(*) FROM notification_recipients WHERE email_address = '{}'"

    # Of each store's mails, and of the mail about all stores.
    assert stage.sql(said.format("first@example.invalid")) == "2"
    operator.write_readers("second@example.invalid")
    code, text = operator.deploy(release)
    assert (code, changed(text)) == (0, 1), text[-3000:]
    assert [stage.sql(said.format(f"{who}@example.invalid")) for who in ("first", "second")] == [
        "0",
        "2",
    ]


def test_a_wrong_file_of_readers_changes_nothing(operator, stage, release):
    operator.write_readers("nobody")
    code, text = operator.deploy(release)
    operator.write_readers("second@example.invalid")

    assert (code != 0, "recipient 2: it is not one plain address" in text) == (True, True), text[
        -3000:
    ]
    assert (
        stage.sql(
            "SELECT count(*) FROM notification_recipients WHERE email_address LIKE 'second@%'"
        )
        == "2"
    )


def test_the_timers_are_those_of_the_schedule_but_the_one_of_staging(host):
    scheduled = {
        path.parent.name.removesuffix(".d") for path in UNITS.glob("*.timer.d/schedule.conf")
    } - {"simplify@drill.timer"}
    waiting = host.run("systemctl list-units --state=active --no-legend --plain 'simplify*.timer'")

    assert {line.split()[0] for line in waiting.splitlines()} == scheduled


@pytest.mark.parametrize(
    "unit", sorted(path.name.replace("@.", "@daily.") for path in UNITS.glob("*.service"))
)
def test_little_is_exposed_with_all_drop_ins(host, unit):
    host.run(f"systemd-analyze security --threshold={EXPOSURE_TENTHS} --no-pager {unit}")


def test_the_container_of_a_job_is_bound(host):
    """Asked of the engine while a job waits for its input."""
    host.run(
        "sleep 60 | SIMPLIFY_NAME=probe simplify notifications_sync --dry-run --file /dev/stdin >/dev/null 2>&1 &"
    )
    host.until("the job runs", lambda: host.run("docker ps --quiet --filter name=probe"))
    said = json.loads(
        host.run("docker inspect --format '{{json .}}' probe; docker rm --force probe >/dev/null")
    )
    bonds = said["HostConfig"]
    profile, *others = sorted(bonds["SecurityOpt"], key=len, reverse=True)

    assert (said["Config"]["User"], bonds["Privileged"], bonds["ReadonlyRootfs"]) == (
        "10001:10001",
        False,
        True,
    )
    assert (bonds["CapAdd"], bonds["CapDrop"], others) == (None, ["ALL"], ["no-new-privileges"])
    assert '"SCMP_ACT_ERRNO"' in profile
    assert (bonds["Memory"], bonds["MemorySwap"], bonds["PidsLimit"]) == (2**31, 2**31, 512)
    assert (bonds["PidMode"], bonds["IpcMode"], bonds["Devices"]) == ("", "private", [])
    mounts = {each["Destination"]: each["RW"] for each in said["Mounts"]}
    own = {"/run/draw": False, "/run/secrets": False}
    assert mounts == own | dict.fromkeys(VOLUMES, True)
