"""Gates on deploy/systemd.

Units that verify, exposure, the container's bonds, and a schedule for every job.
"""

import configparser
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

ROOT = Path(__file__).parents[3]
UNITS = ROOT / "deploy" / "systemd"
HOST = ROOT / "deploy" / "host"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
JOBS = {path.stem for path in ROOT.glob("jobs/[!_]*.py")}
BY_HAND = {
    "db_check": "the playbook and people ask it",
    "explain": "people, who ask where a figure comes from",
    "login": "people renew a session",
    "migrate": "the playbook, before a new version",
    "notifications_sync": "the playbook, after the migrations",
    "notifications_test": "the playbook, as a smoke test",
    "replay": "people, to load kept exports again",
    "replay_run": "people, who review a change of a rule",
    "reports": "people, to make a day's reports again",
}
BY_FAILURE = {"alert": "simplify-alert@.service"}
SERVICES_OF_JOBS = {
    "draw": "simplify-draw.service",
    "draw_scheduler": "simplify-draw-scheduler.service",
}
NEXT_DOOR = (
    "docker.service",
    "network-online.target",
    "timers.target",
    "multi-user.target",
    "sysinit.target",
)
EXPOSURE_TENTHS = 25
ENGINES = yaml.safe_load(
    (ROOT / "deploy" / "ansible" / "roles" / "app" / "defaults" / "main.yml").read_text()
)["app_engines"]

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="systemd-analyze is not installed here; `make test-deploy` has it",
)


@pytest.fixture
def installed(tmp_path):
    """The units in a tree as the playbook installs them, with stand-ins for what Debian brings."""
    target = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(UNITS, target)
    for program in ("usr/local/bin/simplify", "usr/local/lib/simplify/attempts"):
        (tmp_path / program).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOST / Path(program).name, tmp_path / program)
    (tmp_path / "bin").mkdir()
    shutil.copy("/bin/sh", tmp_path / "bin" / "sh")
    for unit in NEXT_DOOR:
        kind = "[Service]\nExecStart=/usr/local/bin/simplify\n" if unit.endswith(".service") else ""
        (target / unit).write_text(f"[Unit]\nDescription={unit}\n{kind}")
    return tmp_path


def analyze(*words):
    done = subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


@needs_systemd
def test_systemd_has_nothing_to_say(installed):
    names = [unit.replace("@.", "@daily.") for unit in (*SERVICES, "simplify@.timer")]
    names += [f"simplify@{job}.timer" for job in sorted(scheduled())]

    assert analyze("verify", "--man=no", f"--root={installed}", *names) == (0, "")


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_little_is_exposed(service):
    code, text = exposure(UNITS / service)
    assert code == 0, text


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_the_gate_on_exposure_can_fail(tmp_path, service):
    text = (UNITS / service).read_text()
    (tmp_path / service).write_text(text[: text.index("CapabilityBoundingSet=")])

    assert exposure(tmp_path / service)[0] == 1


def exposure(unit):
    return analyze(
        "security", "--offline=yes", f"--threshold={EXPOSURE_TENTHS}", "--no-pager", unit
    )


def scheduled():
    """Jobs with a time of their own."""
    return {
        path.parent.name.removeprefix("simplify@").split(".")[0]
        for path in UNITS.glob("*.timer.d/schedule.conf")
    }


def test_every_job_has_a_schedule_or_is_on_the_list_of_those_without():
    others = {*BY_HAND, *BY_FAILURE, *SERVICES_OF_JOBS}
    assert JOBS - others == scheduled()


def test_nothing_is_scheduled_that_is_also_started_by_hand():
    assert scheduled().isdisjoint({*BY_HAND, *BY_FAILURE, *SERVICES_OF_JOBS})


def test_every_drop_in_is_about_a_job():
    about = {path.name.partition("@")[2].split(".")[0] for path in UNITS.glob("*.d")}
    assert about <= JOBS


@pytest.mark.parametrize("job", sorted(scheduled()))
def test_a_schedule_names_its_zone(job):
    lines = (UNITS / f"simplify@{job}.timer.d" / "schedule.conf").read_text().splitlines()
    times = [line for line in lines if line.startswith("OnCalendar=")]

    assert [line.rpartition(" ")[2] for line in times] == ["Asia/Kolkata"]


def test_a_missed_time_is_caught_up():
    unit = configparser.ConfigParser(interpolation=None)
    unit.read(UNITS / "simplify@.timer")

    assert unit["Timer"]["Persistent"] == "true"


def test_a_failure_leads_to_the_retry_and_its_failure_to_the_alert():
    lines = {name: (UNITS / name).read_text().splitlines() for name in SERVICES}
    following = {
        name: [line for line in lines[name] if line.startswith(("OnFailure=", "OnSuccess="))]
        for name in lines
    }

    assert following == {
        "simplify-alert@.service": [],
        "simplify-draw-scheduler.service": [],
        "simplify-draw.service": [],
        "simplify-next@.service": [],
        "simplify-recovered@.service": [],
        "simplify-resume.service": [],
        "simplify-retry@.service": ["OnFailure=simplify-alert@%i.service"],
        "simplify@.service": [
            "OnFailure=simplify-retry@%i.service",
            "OnSuccess=simplify-recovered@%i.service",
        ],
    }


def test_one_shots_are_limited_in_time():
    limits = {
        name: any(
            line.startswith("TimeoutStartSec=") for line in (UNITS / name).read_text().splitlines()
        )
        for name in SERVICES
    }
    assert limits == dict.fromkeys(SERVICES, True)


@pytest.mark.parametrize("service", SERVICES_OF_JOBS.values())
def test_a_service_comes_back_whatever_ended_it_unless_a_person_must_act(service):
    lines = (UNITS / service).read_text().splitlines()
    wanted = {
        "Restart=always",
        "RestartSec=5",
        "StartLimitIntervalSec=0",
        "RestartPreventExitStatus=2 78",
    }

    assert wanted - set(lines) == set()


@pytest.mark.parametrize("service", SERVICES_OF_JOBS.values())
def test_a_service_s_client_is_bound_as_that_of_a_job(service):
    assert bonds_of_client(service) == bonds_of_client("simplify@.service")


def bonds_of_client(service):
    text = (UNITS / service).read_text()
    bonds = text[text.index("CapabilityBoundingSet=") :].partition("[Install]")[0]
    return bonds.split()


@pytest.fixture
def arguments(tmp_path):
    """What the engine is told when a job is started."""
    return started(tmp_path, "daily", "--stores", "A668", SIMPLIFY_NAME="simplify-daily")


@pytest.fixture
def service_arguments(tmp_path):
    """What the engine is told when a service is started."""
    return started(tmp_path, "draw", "--listen", "0.0.0.0", SIMPLIFY_PORT="8788")


def started(tmp_path, *words, bonds="", **environment):
    (tmp_path / "engine").write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    (tmp_path / "engine").chmod(0o755)
    (tmp_path / "host.env").write_text(
        "SIMPLIFY_IMAGE=simplify@sha256:0\nSIMPLIFY_NETWORK=bridge\nSIMPLIFY_MEMORY=2g\n"
        f'SIMPLIFY_ENGINE="engine --url=socket"\nSIMPLIFY_BONDS="{bonds}"\n'
        'SIMPLIFY_ADDRESS=10.0.0.6\nSIMPLIFY_READS="/srv/templates /srv/logo.svg"\n'
    )
    shutil.copy(HOST / "simplify", tmp_path)
    done = subprocess.run(
        [tmp_path / "simplify", *words],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    "bond",
    [
        "--rm",
        "--init",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--user=10001:10001",
        "--memory=2g",
        "--memory-swap=2g",
        "--pids-limit=512",
        "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=512m,mode=1777",
        "--log-driver=none",
        "--pull=never",
    ],
)
def test_a_container_is_bound(arguments, service_arguments, bond):
    assert bond in arguments
    assert bond in service_arguments


def test_the_engine_is_that_of_the_release_and_binds_as_well(tmp_path):
    said = started(tmp_path, "daily", bonds="--read-only-tmpfs=false --userns=keep-id")
    assert said[:4] == ["--url=socket", "run", "--read-only-tmpfs=false", "--userns=keep-id"]


@pytest.mark.parametrize("engine", sorted(ENGINES))
def test_every_engine_is_known_to_every_role(engine):
    """One that a role does not know would stop a deployment halfway."""
    roles = ROOT / "deploy" / "ansible" / "roles"
    host = yaml.safe_load((roles / "host" / "defaults" / "main.yml").read_text())
    choices = [
        yaml.safe_load((roles / role / "meta" / "argument_specs.yml").read_text())[
            "argument_specs"
        ]["main"]["options"][f"{role}_engine"]["choices"]
        for role in ("app", "host")
    ]

    assert engine in host["host_engine_packages"]
    assert f"'{engine}':" in host["host_engine_directory"]
    assert (roles / "host" / "tasks" / f"{engine}.yml").exists()
    assert [sorted(known) for known in choices] == [sorted(ENGINES)] * 2


def test_who_waits_for_the_account_s_manager_waits_for_logind_which_queues_it():
    for unit in SERVICES:
        after = {
            name
            for line in (UNITS / unit).read_text().splitlines()
            if line.startswith("After=")
            for name in line.removeprefix("After=").split()
        }
        assert ("user@10001.service" in after) == ("systemd-logind.service" in after), unit


def test_no_unit_names_a_group_of_one_engine():
    """A group that is not there keeps a unit from starting; the account's own groups are enough."""
    named = [
        line
        for unit in SERVICES
        for line in (UNITS / unit).read_text().splitlines()
        if line.startswith("SupplementaryGroups=")
    ]
    assert named == ["SupplementaryGroups=systemd-journal"]


def test_a_release_brings_its_own_profile_and_secrets(arguments, tmp_path):
    assert f"--security-opt=seccomp={tmp_path}/chromium.json" in arguments
    assert f"--volume={tmp_path}/secrets:/run/secrets:ro" in arguments


@pytest.mark.parametrize(
    "way_out", ["--privileged", "--cap-add", "--pid=", "--ipc=", "--device", "docker.sock"]
)
def test_a_container_has_no_way_out(arguments, service_arguments, way_out):
    assert [each for each in (*arguments, *service_arguments) if way_out in each] == []


def test_a_job_listens_nowhere(arguments):
    assert [each for each in arguments if each.startswith(("--publish", "-p"))] == []


def test_a_service_listens_on_the_internal_address_alone(service_arguments):
    published = [each for each in service_arguments if each.startswith(("--publish", "-p"))]
    networks = [each for each in service_arguments if each.startswith("--network")]

    assert (published, networks) == (["--publish=10.0.0.6:8788:8788"], [])


def test_a_service_without_an_address_does_not_start(tmp_path):
    started(tmp_path, "draw", SIMPLIFY_PORT="8788")
    (tmp_path / "host.env").write_text(
        "SIMPLIFY_IMAGE=x\nSIMPLIFY_ENGINE=engine\nSIMPLIFY_BONDS=\n"
        "SIMPLIFY_NETWORK=bridge\nSIMPLIFY_MEMORY=2g\n"
    )
    done = subprocess.run(
        [tmp_path / "simplify", "draw"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "SIMPLIFY_PORT": "8788"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode != 0, done.stdout) == (True, "")


def test_a_service_holds_its_certificate_and_what_pages_are_drawn_with(service_arguments, tmp_path):
    """Whoever has a certificate may have code run there: no secret, no data."""
    held = [each for each in service_arguments if each.startswith(("--volume", "--env-file"))]

    assert held == [
        f"--env-file={tmp_path}/draw.env",
        f"--volume={tmp_path}/draw:/run/draw:ro",
        "--volume=/srv/logo.svg:/srv/logo.svg:ro",
        "--volume=/srv/templates:/srv/templates:ro",
        "--env-file=/etc/simplify/local.env",
    ]


def test_a_job_gets_its_flags(arguments):
    assert arguments[-4:] == ["simplify@sha256:0", "jobs.daily", "--stores", "A668"]


def test_what_a_host_says_wins_over_what_all_are_told(arguments, tmp_path):
    files = [each for each in arguments if each.startswith("--env-file")]
    assert files == [
        *(f"--env-file={tmp_path}/{name}.env" for name in ("draw", "site", "secrets")),
        "--env-file=/etc/simplify/local.env",
    ]


def test_a_drill_reads_the_backups_and_has_a_small_disk_to_fill(tmp_path):
    its = set(started(tmp_path, "drill", "--seed", "7"))
    others = set(started(tmp_path, "daily"))

    assert {each for each in its - others if each.startswith("--")} == {
        "--volume=/var/lib/simplify/backups:/var/lib/simplify/backups:ro",
        "--env=DRILL_BACKUPS=/var/lib/simplify/backups",
        "--env=DRILL_DISK=/drill",
        "--tmpfs=/drill:rw,nosuid,nodev,noexec,size=256m,mode=1777",
        "--seed",
    } | {each for each in its if each.startswith("--name=")}


def test_a_drill_that_failed_is_not_repeated():
    drop_in = (UNITS / "simplify-retry@drill.service.d" / "once.conf").read_text()
    assert "\nEnvironment=SIMPLIFY_ATTEMPTS=1\n" in drop_in


ROLE = ROOT / "deploy" / "ansible" / "roles" / "schedule"


def test_only_hosts_of_the_group_staging_hold_drills():
    """`tests/proofs/deploy/check_install.py` looks at a booted host of production."""
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
    assert defaults["schedule_of_group"] == {"drill": "staging"}

    inventories = ROOT / "deploy" / "ansible" / "inventories"
    groups = {
        place.name: yaml.safe_load((place / "hosts.yml").read_text())
        for place in inventories.iterdir()
    }
    assert "staging" not in groups["production"]
    assert set(groups["staging"]["staging"]["hosts"]) == set(groups["staging"]["simplify"]["hosts"])


@pytest.mark.parametrize(("inventory", "allowed"), [("production", None), ("staging", "true")])
def test_only_the_inventory_of_staging_allows_drills(inventory, allowed):
    site = ROOT / "deploy/ansible/inventories" / inventory / "group_vars/all/site.yml"
    settings = yaml.safe_load(site.read_text())["app_settings"]

    assert settings.get("DRILL_ALLOWED") == allowed
    assert (settings["RUN_ENV"] == "prod") == (inventory == "production")


@pytest.mark.parametrize(
    ("groups", "is_off"),
    [(["all", "simplify"], True), (["all", "simplify", "staging"], False)],
    ids=["production", "staging"],
)
def test_the_role_keeps_the_timer_of_the_drill_off_elsewhere(groups, is_off):
    """The expression of the role, which is Jinja's own but for one filter of Ansible's."""
    tasks = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text())
    [task] = [each for each in tasks if each["name"] == "Tell them apart"]
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())

    environment = NativeEnvironment()
    environment.filters["dict2items"] = lambda given: [
        {"key": key, "value": value} for key, value in given.items()
    ]
    expression = environment.from_string(task["vars"]["schedule_elsewhere"])
    elsewhere = expression.render(
        schedule_of_group=defaults["schedule_of_group"], group_names=groups
    )

    assert elsewhere == (["drill"] if is_off else [])


def test_a_fresh_job_has_to_log_in_with_its_password(tmp_path):
    fresh = started(tmp_path, "daily", SIMPLIFY_FRESH="1")
    assert "--env=PROFILES_DIR=/tmp/profiles" in fresh


def test_a_job_begins_with_the_saved_session(arguments):
    assert [each for each in arguments if "PROFILES_DIR" in each] == []


def test_the_profile_for_the_browser_denies_what_changes_the_kernel():
    profile = json.loads((HOST / "chromium.json").read_text())
    denied = {
        name
        for rule in profile["syscalls"]
        for name in rule["names"]
        if rule["action"] == "SCMP_ACT_ERRNO"
    }

    assert denied >= {
        "mount",
        "init_module",
        "bpf",
        "kexec_load",
        "keyctl",
        "setns",
        "io_uring_setup",
        "clone3",
    }
