"""A host whose engine is Podman: as root, then as the account of the jobs alone, which is switched to and back from.

Run by `make test-deploy` after check_draw.py, on a host and a stage of its own. Limits on memory and processes of the
account's own containers need control groups of version 2; where the kernel has none, they are not looked at.
"""

import json
import os
from pathlib import Path

import pytest

from tests.proofs.deploy.booted import CGROUPS, NOWHERE, Host
from tests.proofs.deploy.check_install import VOLUMES, changed
from tests.proofs.deploy.operating import Operator
from tests.proofs.deploy.programs import address_of, docker
from tests.proofs.deploy.stage import Stage

ROOTFUL, ROOTLESS = "podman", "podman-rootless"
#: What a host that is a container lacks, and a machine has: a /proc of which nothing is covered, without which the kernel
#: lets no account mount another one; a say on devices, of which crun allows more than the outer engine does; and the
#: device of which the account's networks are made.
AS_A_MACHINE = (
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
    "--device=/dev/net/tun",
)
DISKS = ("/var/lib/containers", "/var/lib/simplify", "/var/lib/docker")
ENGINE = ". /etc/simplify/current/host.env; $SIMPLIFY_ENGINE"
#: What the launcher binds a container with, but for the profile of system calls.
BONDS = (
    *("--init", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=2g"),
    *("--user=10001:10001", "--pids-limit=512", "--tmpfs=/tmp:rw,nosuid,nodev,noexec,mode=1777"),
)
#: As the client of a job is: the account with the groups that it is in.
AS_A_CLIENT = "setpriv --reuid=simplify --regid=simplify --init-groups env HOME=/var/lib/simplify"
#: Nothing starts because of the day and hour at which the tests happen to run.
AT_NO_TIME_OF_DAY = {
    "simplify@.timer": "[Timer]\nOnCalendar=\nOnCalendar=2099-01-01\nRandomizedDelaySec=0\n",
    "simplify-next@.service": "[Service]\nExecStart=\nExecStart=true\n",
}
DOCUMENTS = "SELECT count(*) FROM documents WHERE status = 'ok'"
#: Values as /etc/simplify/local.env may have them, which is said to take no quotes.
VALUES = {
    "PROBE_QUOTES": "\"double\" and 'single'",
    "PROBE_OPEN": '"begins only',
    "PROBE_HASH": "a # b",
    "PROBE_DOLLAR": "$HOME \\n ${X}",
    "PROBE_EQUALS": "a=b=c",
    "PROBE_EMPTY": "",
    "PROBE_SPACES": "a  b",
}
LIMITED = (CGROUPS / "cgroup.controllers").exists()


@pytest.fixture(scope="module")
def stage():
    stage = Stage(f"{os.environ['NAME']}-podman-stage", os.environ["DEMO_IMAGE"])
    yield stage
    docker("rm", "--force", "--volumes", stage.name)


@pytest.fixture(scope="module")
def host(stage):
    name = f"{os.environ['NAME']}-podman-host"
    host = Host(name, os.environ["HOST_IMAGE"], stage, disks=DISKS, more=AS_A_MACHINE)
    host.run("systemctl unmask systemd-logind && systemctl start systemd-logind")
    # As udev of a machine has it.
    host.run("chmod 0666 /dev/net/tun")
    for unit, text in AT_NO_TIME_OF_DAY.items():
        host.write(f"/usr/local/lib/systemd/system/{unit}.d/zz-never.conf", text)
    yield host
    host.remove()


@pytest.fixture(scope="module")
def operator(stage, tmp_path_factory):
    directory = tmp_path_factory.mktemp("podman")
    return Operator(directory, stage, Path(os.environ["HOST_KEY"]))


@pytest.fixture(autouse=True)
def _calm(host):
    yield
    host.calm()


@pytest.fixture(scope="module", params=[ROOTFUL, ROOTLESS])
def engine(request, operator, host, release):
    """Deploy with this engine, over the one before it."""
    code, text = operator.deploy(release, container_engine=request.param)
    assert code == 0, text[-3000:]
    return request.param


def containers(host, name="simplify-"):
    """Ids of the containers of jobs, or of one job: on the 1st of a month the daily run starts the monthly."""
    return host.run(f"{ENGINE} ps --all --quiet --no-trunc --filter name={name}")


@pytest.fixture
def probe(engine, host):
    """What the engine says of a job that waits for its input."""
    host.run(
        "sleep 60 | SIMPLIFY_NAME=probe simplify notifications_sync --dry-run --file /dev/stdin >/dev/null 2>&1 &"
    )
    host.until("the job runs", lambda: host.run(f"{ENGINE} ps --quiet --filter name=probe"))
    yield json.loads(host.run(f"{ENGINE} container inspect probe"))[0]
    host.run(f"{ENGINE} container rm --force --time=0 probe")


@pytest.fixture(scope="module")
def outside():
    """The address of a server that is neither on the host nor on the stage."""
    name = f"{os.environ['NAME']}-podman-outside"
    serve = ("--entrypoint=python", os.environ["DEMO_IMAGE"], "-m", "http.server", "8000")
    docker("run", "--detach", "--name", name, *serve)
    yield address_of(name)
    docker("rm", "--force", "--volumes", name)


def test_a_second_run_changes_nothing(engine, operator, release):
    code, text = operator.deploy(release, container_engine=engine)
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_no_docker_is_there(engine, host):
    assert host.run("command -v docker dockerd || true") == ""
    assert "docker" not in host.run("id --name --groups simplify").split()


def test_a_morning_is_made_by_the_unit(engine, host, stage, morning):
    host.run("systemctl start simplify@daily", timeout_s=900)

    assert (host.property("simplify@daily", "Result"), host.owes()) == ("success", [])
    assert [name[:4] for name in host.reports()] == ["A668", "A817", "ALL_"]
    assert (stage.sql(DOCUMENTS), len(stage.mails("second@") + stage.mails("first@"))) == ("3", 3)
    assert host.run("stat -c %U:%G $(find /var/lib/simplify/reports -name '*.pdf') | uniq") == (
        "simplify:simplify"
    )
    assert '"phase": "report"' in host.journal("simplify@daily", morning)
    assert containers(host, "simplify-daily") == ""


def test_the_secrets_are_in_no_journal_no_argument_and_nothing_that_the_engine_says(
    engine, host, stage, probe
):
    """Looked for while a job runs; both journals, that of the account's own manager, too."""
    password = stage.secrets["TD_A668_PASSWORD"]
    arguments = host.run("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' || true")
    said = json.dumps(probe)

    assert ("notifications_sync" in arguments, password in arguments) == (True, False)
    assert ("notifications_sync" in said, password in said) == (True, False)
    assert host.run(f"journalctl --no-pager | grep -c {password} || true") == "0"


def test_a_job_on_the_default_network_gets_out(engine, host, outside):
    asked = (
        f"import urllib.request as u; print(u.urlopen('http://{outside}:8000', timeout=20).status)"
    )
    said = host.run(
        f"{ENGINE} run $SIMPLIFY_BONDS --rm --network=bridge --cap-drop=ALL --user=10001:10001"
        f' --entrypoint=python $SIMPLIFY_IMAGE -c "{asked}"'
    )
    assert said == "200"


def test_the_exit_code_of_a_job_is_that_of_its_unit(engine, host, morning):
    host.write("/etc/simplify/local.env", "PIPELINE_TIMEZONE=Nowhere/Land\n")
    host.run("systemctl start simplify@status", check=False)
    assert host.property("simplify@status", "ExecMainStatus") == "78"


def test_a_run_that_is_killed_is_tried_again_to_one_set_of_reports(engine, host, stage, morning):
    """The client is killed, and with it everything: the next attempt removes what the client left."""
    host.write("/etc/simplify/local.env", NOWHERE.replace("WAIT_SECONDS=1", "WAIT_SECONDS=600"))
    host.retry_soon()
    host.run("systemctl start --no-block simplify@daily")
    host.until(
        "the job waits for the portal",
        lambda: host.run(f"{ENGINE} ps --quiet --filter name=simplify-daily"),
    )
    host.write("/etc/simplify/local.env", "")
    host.run("kill -KILL $(systemctl show --property=MainPID --value simplify@daily)")
    host.until_first_failure_is_counted("daily", morning, attempts=9)
    host.until("the day is closed", lambda: host.count("simplify@daily", "is closed", morning))
    host.until("nothing is owed", lambda: host.owes() == [])

    assert [name[:4] for name in host.reports()] == ["A668", "A817", "ALL_"]
    assert stage.sql(DOCUMENTS) == "3"
    assert host.count("simplify-alert@daily", "Starting", morning) == 0


def test_a_run_that_is_stopped_hears_of_it_and_leaves_no_container(engine, host, morning):
    host.write("/etc/simplify/local.env", NOWHERE.replace("WAIT_SECONDS=1", "WAIT_SECONDS=600"))
    host.run("systemctl start --no-block simplify@daily")
    host.until(
        "the job waits for the portal",
        lambda: (
            host.count("simplify@daily", "attempt", morning)
            or host.run(f"{ENGINE} ps --quiet --filter name=simplify-daily")
        ),
    )
    took_s = int(
        host.run("start=$(date +%s); systemctl stop simplify@daily; echo $(($(date +%s) - start))")
    )
    host.until_first_failure_is_counted("daily", morning, attempts=5)
    host.run("systemctl stop simplify-again-daily.timer; rm /var/lib/simplify/owed/daily")

    assert took_s < 15, "it ends by itself within 10 s"
    assert host.property("simplify@daily", "ExecMainStatus") == "75"
    assert containers(host, "simplify-daily") == ""


def test_a_setting_reaches_a_job_as_it_is_written(engine, host):
    host.write("/etc/simplify/local.env", "".join(f"{k}={v}\n" for k, v in VALUES.items()))
    image = host.image()
    said = host.run(
        f"{ENGINE} run --rm --env-file=/etc/simplify/local.env --entrypoint=python {image} -c"
        " 'import os, json; print(json.dumps(dict(os.environ)))'"
    )
    seen = json.loads(said)
    assert {name: seen.get(name) for name in VALUES} == VALUES


def test_the_container_of_a_job_is_bound(engine, host, probe):
    """Asked of the kernel while a job waits for its input."""
    process = probe["State"]["Pid"]
    status = dict(
        line.split(":", 1) for line in host.run(f"cat /proc/{process}/status").splitlines()
    )
    bonds = {name: status[name].split() for name in ("Uid", "Gid", "Groups", "CapBnd", "CapEff")}
    assert bonds == {
        "Uid": ["10001"] * 4,
        "Gid": ["10001"] * 4,
        "Groups": ["10001"],
        "CapBnd": ["0" * 16],
        "CapEff": ["0" * 16],
    }
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
    if engine == ROOTFUL or LIMITED:
        limits = probe["HostConfig"]
        assert (limits["Memory"], limits["PidsLimit"]) == (2**31, 512)
    inspected = {each["Destination"]: each["RW"] for each in probe["Mounts"]}
    assert inspected == {"/run/draw": False, "/run/secrets": False} | dict.fromkeys(VOLUMES, True)


def test_a_job_can_write_to_its_volumes_and_nothing_else(engine, host, probe):
    """Tried by a process beside the job, whatever is mounted how."""
    tried = "find / \\( -path /proc -o -path /dev \\) -prune -o ! -type l -writable -prune -print"
    said = set(host.run(f"{ENGINE} exec probe {tried} 2>/dev/null || true").split())
    # In version 1 an empty directory in memory, over the hierarchies.
    assert said - (set() if LIMITED else {"/sys/fs/cgroup"}) == {"/tmp", *VOLUMES}


def test_the_browser_starts_in_its_sandbox(engine, host):
    """As of check_image.py, which asks Docker."""
    host.write("/tmp/prints.py", (Path(__file__).parent / "prints.py").read_text())
    said = host.run(
        f"{ENGINE} run $SIMPLIFY_BONDS --rm --interactive {' '.join(BONDS)} --network=host"
        " --security-opt=seccomp=/etc/simplify/current/chromium.json"
        " --entrypoint=python $SIMPLIFY_IMAGE - </tmp/prints.py"
    )
    assert said == "a page opened and both engines printed"


def test_what_whoever_may_ask_the_engine_has_of_the_host(engine, host):
    """Root's files with Podman as root, as with Docker's group; none with the account's own."""
    code = host.run(
        f"{ENGINE.replace('$SIMPLIFY_ENGINE', AS_A_CLIENT + ' $SIMPLIFY_ENGINE')} run --rm --user=0"
        " --cap-add=ALL --network=host --volume=/:/host --entrypoint=sh $SIMPLIFY_IMAGE"
        " -c 'cat /host/etc/passwd || exit 9; cat /host/etc/shadow' >/dev/null 2>&1; echo $?"
    )
    assert code == {ROOTFUL: "0", ROOTLESS: "1"}[engine]


def test_what_gets_out_of_a_container_may_not_ask_for_another_one_as_root(engine, host):
    """It is the number of the account, without the groups of the account."""
    asked = host.run(
        "setpriv --reuid=10001 --regid=10001 --clear-groups env HOME=/var/lib/simplify podman"
        " --remote --url=unix:///run/simplify/podman.sock ps 2>&1 || true"
    )
    # A host that never had Podman as root has no such socket.
    assert "permission denied" in asked or "no such file" in asked, asked


def test_an_engine_that_is_away_is_a_125_that_is_tried_again(engine, host, morning):
    socket = {ROOTFUL: "/run/simplify/podman.sock", ROOTLESS: "/run/simplify/rootless/podman.sock"}
    host.run(f"mv {socket[engine]} {socket[engine]}.away")
    host.retry_soon()
    host.run("systemctl start simplify@status", check=False)
    assert host.property("simplify@status", "ExecMainStatus") == "125"
    host.run(f"mv {socket[engine]}.away {socket[engine]}")
    host.until("the next attempt succeeds", lambda: host.owes() == [])


def test_a_power_cut_leaves_no_container_in_the_way(engine, host, stage, morning):
    host.write("/etc/simplify/local.env", NOWHERE.replace("WAIT_SECONDS=1", "WAIT_SECONDS=600"))
    host.run("systemctl start --no-block simplify@daily")
    host.until(
        "the job waits for the portal",
        lambda: host.run(f"{ENGINE} ps --quiet --filter name=simplify-daily"),
    )
    host.write("/etc/simplify/local.env", "")
    host.run("sync")
    host.cut_power()
    host.boot()
    host.until(
        "the run is resumed",
        lambda: "is closed" in host.run("journalctl --boot --output=cat -u simplify@daily"),
    )
    host.until("nothing is owed", lambda: host.owes() == [])
    assert [name[:4] for name in host.reports()] == ["A668", "A817", "ALL_"]
    # also of a job that a timer started meanwhile, which ends and takes its container along
    host.until("no container is left", lambda: containers(host) == "")


def test_a_rollback_returns_to_the_engine_before(operator, host):
    """From the account's own engine, with which the tests before this one ended."""
    code, text = operator.rollback()
    assert code == 0, text[-3000:]
    assert "/run/simplify/podman.sock" in host.run("cat /etc/simplify/current/host.env")
    host.run("systemctl start simplify@status")
    assert "podman" in host.run("id --name --groups simplify").split()


def test_the_group_that_is_as_good_as_root_goes_with_the_last_release_that_needs_it(
    operator, host, release
):
    for memory in ("1g", "1100m", "1200m"):
        code, text = operator.deploy(release, container_engine=ROOTLESS, app_memory=memory)
        assert code == 0, text[-3000:]
    assert host.run("id --name --groups simplify") == "simplify"
    host.run("systemctl start simplify@status")
