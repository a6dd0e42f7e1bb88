"""deploy/host/attempts: what becomes of a job that failed, decided without systemd."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy" / "host" / "attempts"
REMOVED = "engine --flag container rm --force --now simplify-daily\n"


@pytest.fixture
def host(tmp_path):
    """Runs `attempts` with stand-ins that write down how systemd and the engine were called."""
    owed, programs, calls = tmp_path / "owed", tmp_path / "bin", tmp_path / "calls"
    owed.mkdir()
    programs.mkdir()
    for name in ("systemctl", "systemd-run", "engine"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{calls}"\n')
    (programs / "date").write_text(
        '#!/bin/sh\ncase $1 in +%u) echo "${WEEKDAY:-3}" ;; *) echo "${DAY:-14}" ;; esac\n'
    )
    release = tmp_path / "release"
    release.mkdir()
    shutil.copy(SCRIPT, release)
    (release / "host.env").write_text('SIMPLIFY_ENGINE="engine --flag"\nSIMPLIFY_AT_ONCE=--now\n')
    for program in programs.iterdir():
        program.chmod(0o755)

    def run(*words, **environment):
        calls.unlink(missing_ok=True)
        done = subprocess.run(
            [release / SCRIPT.name, *words],
            env={
                "PATH": f"{programs}:{os.environ['PATH']}",
                "SIMPLIFY_OWED": str(owed),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return (
            done.returncode,
            calls.read_text() if calls.exists() else "",
            done.stdout + done.stderr,
        )

    run.owed = owed
    return run


def failed(host, status="75", **environment):
    return host(
        "failed", "daily", MONITOR_EXIT_CODE="exited", MONITOR_EXIT_STATUS=status, **environment
    )


def state(host):
    return {path.name: path.read_text() for path in host.owed.iterdir()}


def pause(calls):
    return int(calls.partition("--on-active=")[2].split()[0]) if "--on-active=" in calls else None


@pytest.mark.parametrize(
    ("environment", "started"),
    [
        pytest.param({}, [], id="an ordinary day"),
        pytest.param({"WEEKDAY": "1"}, ["weekly"], id="monday"),
        pytest.param({"DAY": "01"}, ["monthly"], id="first of the month"),
        pytest.param({"WEEKDAY": "1", "DAY": "01"}, ["weekly", "monthly"], id="both"),
    ],
)
def test_what_waits_for_the_daily_run_starts_after_it(host, environment, started):
    code, calls, _ = host("next", "daily", **environment)
    starts = [f"systemctl start --no-block simplify@{job}.service" for job in started]

    assert code == 0
    assert [line for line in calls.splitlines() if " start " in line] == starts


def test_a_job_whose_timer_is_off_is_not_started(host, tmp_path):
    off = '#!/bin/sh\n[ "$1" != is-enabled ] || exit 1\necho "systemctl $*" >>"%s"\n'
    (tmp_path / "bin" / "systemctl").write_text(off % (tmp_path / "calls"))

    assert host("next", "daily", WEEKDAY="1")[:2] == (0, "")


def test_nothing_waits_for_another_job(host):
    assert host("next", "weekly", WEEKDAY="1") == (0, "", "")


def test_a_run_is_owed_from_its_start_and_its_old_container_is_removed(host):
    assert host("begin", "daily")[:2] == (0, REMOVED)
    assert state(host) == {"daily": "0\n"}


def test_a_run_that_succeeds_is_not_owed_any_more(host):
    host("begin", "daily")
    host("end", "daily", SERVICE_RESULT="success")

    assert state(host) == {}


def test_a_run_that_fails_stays_owed_and_its_container_goes(host):
    host("begin", "daily")

    assert host("end", "daily", SERVICE_RESULT="exit-code")[1] == REMOVED
    assert state(host) == {"daily": "0\n"}


def test_starting_again_keeps_the_count(host):
    (host.owed / "daily").write_text("3\n")
    host("begin", "daily")

    assert state(host) == {"daily": "3\n"}


@pytest.mark.parametrize("status", ["75", "1", "125", "137"])
def test_what_may_be_better_later_is_tried_again(host, status):
    host("begin", "daily")
    code, calls, text = failed(host, status)

    assert (code, pause(calls), state(host)) == (0, 300, {"daily": "1\n"})
    assert "systemctl start --no-block simplify@daily.service" in calls
    assert text == f"daily failed ({status}), attempt 1 of 5; the next one in 300 s\n"


@pytest.mark.parametrize("status", ["2", "78"])
def test_what_a_person_must_change_is_never_tried_again(host, status):
    host("begin", "daily")
    code, calls, _ = failed(host, status)

    assert (code, calls, state(host)) == (1, "", {})


def test_a_signal_with_the_number_2_is_not_the_exit_code_2(host):
    host("begin", "daily")
    assert host("failed", "daily", MONITOR_EXIT_CODE="killed", MONITOR_EXIT_STATUS="2")[0] == 0


@pytest.mark.parametrize(
    ("day", "pauses"),
    [
        pytest.param(
            "14", [300, 600, 1200, 2400, None], id="five attempts, each pause twice the last"
        ),
        pytest.param(
            "01", [300, 600, 1200, 2400, 2400, 2400, 2400, None], id="eight on the first of a month"
        ),
    ],
)
def test_the_attempts_of_a_day(host, day, pauses):
    host("begin", "daily")
    ends = [failed(host, DAY=day) for _ in pauses]

    assert [pause(calls) for _, calls, _ in ends] == pauses
    assert [code for code, _, _ in ends] == [0] * (len(pauses) - 1) + [1]
    assert state(host) == {}


def test_a_waiting_attempt_is_replaced_not_doubled(host):
    host("begin", "daily")
    first, second = failed(host)[1].splitlines()

    assert first == "systemctl stop simplify-again-daily.timer"
    assert "--unit=simplify-again-daily " in second


def test_a_boot_starts_everything_that_is_owed(host):
    (host.owed / "daily").write_text("0\n")
    (host.owed / "weekly").write_text("2\n")

    assert host("resume")[:2] == (
        0,
        "systemctl start --no-block simplify@daily.service\nsystemctl start --no-block simplify@weekly.service\n",
    )


def test_a_boot_with_nothing_owed_starts_nothing(host):
    assert host("resume") == (0, "", "")
