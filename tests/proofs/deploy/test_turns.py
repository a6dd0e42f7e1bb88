"""deploy/host/attempts begin: whether a job begins or waits for those before it, decided without systemd.

The order is that of the units; what systemd says about them is a list of moments, and each pause leads to the next one.
"""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "deploy" / "host" / "attempts"
UNITS = ROOT / "deploy" / "systemd"
ORDER = ["daily", "weekly", "monthly", "notify"]

#: Answers as systemctl does, from the folder of this moment: UNIT.state, UNIT.next, UNIT.on, UNIT.enabled.
SYSTEMCTL = """#!/bin/sh
cd "$MOMENTS/$(cat "$MOMENTS/at")"
for unit in "$@"; do :; done
case "$*" in
    *NextElapse*) cat "$unit.next" 2>/dev/null ;;
    is-active*) [ -e "$unit.on" ] ;;
    is-enabled*) [ -e "$unit.enabled" ] ;;
    *Job*)
        for unit in "$@"; do
            case $unit in --* | show) continue ;; esac
            if [ -e "$unit.state" ]; then cat "$unit.state"; else echo ActiveState=inactive; echo Job=; fi
        done ;;
esac
"""
SLEEP = """#!/bin/sh
[ -z "${STOPPED:-}" ] || kill -TERM $PPID
next=$(($(cat "$MOMENTS/at") + 1))
[ ! -e "$MOMENTS/$next" ] || echo "$next" >"$MOMENTS/at"
"""
RUNNING = "ActiveState=activating\nJob=7\n"
QUEUED = "ActiveState=inactive\nJob=7\n"
FAILED = "ActiveState=failed\nJob=\n"
WAITS = "{} waits for {}, which is due, running or between two attempts\n"


def after(job: str) -> list[str]:
    """Return the jobs that go before this one, as its unit says."""
    file = UNITS / f"simplify@{job}.service.d" / "order.conf"
    text = file.read_text() if file.exists() else ""
    return text.partition("SIMPLIFY_AFTER=")[2].partition('"')[0].split()


def elapses_in(minutes: float) -> str:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return f"{at:%a %Y-%m-%d %H:%M:%S} UTC\n"


@pytest.fixture
def turn(tmp_path):
    """Run `attempts begin JOB` through moments; return (exit code, number of pauses, output)."""
    programs, moments = tmp_path / "bin", tmp_path / "moments"
    programs.mkdir()
    for name, text in (("systemctl", SYSTEMCTL), ("sleep", SLEEP), ("engine", "#!/bin/sh\n")):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)

    (tmp_path / "release").mkdir()
    shutil.copy(SCRIPT, tmp_path / "release")
    (tmp_path / "release" / "host.env").write_text("SIMPLIFY_ENGINE=engine\nSIMPLIFY_AT_ONCE=\n")

    def run(job, *states, **environment):
        for number, state in enumerate(states or ({},)):
            (moments / str(number)).mkdir(parents=True)
            for file, text in state.items():
                (moments / str(number) / file).write_text(text)
        (moments / "at").write_text("0")

        done = subprocess.run(
            [tmp_path / "release" / "attempts", "begin", job],
            env={
                "PATH": f"{programs}:{os.environ['PATH']}",
                "MOMENTS": str(moments),
                "SIMPLIFY_OWED": str(tmp_path),
                "SIMPLIFY_AFTER": " ".join(after(job)),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.stderr, (tmp_path / job).read_text()) == ("", "0\n")
        return done.returncode, int((moments / "at").read_text()), done.stdout

    return run


def test_every_job_waits_for_all_that_go_before_it():
    assert {job: after(job) for job in ORDER} == {
        job: ORDER[:place] for place, job in enumerate(ORDER)
    }
    assert after("prune") == ORDER


@pytest.mark.parametrize("job", [*ORDER, "prune", "status"])
def test_a_job_begins_at_once_where_nothing_goes_before_it(turn, job):
    assert turn(job) == (0, 0, "")


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"simplify@daily.service.state": QUEUED}, id="queued"),
        pytest.param({"simplify@daily.service.state": RUNNING}, id="running"),
        pytest.param({"simplify-retry@daily.service.state": QUEUED}, id="failed a moment ago"),
        pytest.param({"simplify-retry@daily.service.state": RUNNING}, id="what now is decided"),
        pytest.param(
            {
                "simplify@daily.service.state": FAILED,
                "simplify-again-daily.timer.state": "ActiveState=active\nJob=\n",
            },
            id="between two attempts",
        ),
        pytest.param(
            {"simplify-again-daily.service.state": RUNNING}, id="the next attempt is started"
        ),
        pytest.param(
            {"simplify-next@daily.service.state": QUEUED}, id="what waited for it is started"
        ),
        pytest.param(
            {"simplify@daily.timer.on": "", "simplify@daily.timer.next": elapses_in(3)},
            id="due after its random delay",
        ),
        pytest.param(
            {"simplify@daily.timer.on": "", "simplify@daily.timer.next": elapses_in(-60)},
            id="missed and due at once",
        ),
        pytest.param({"simplify@daily.timer.enabled": ""}, id="its timer is turned on next"),
    ],
)
@pytest.mark.parametrize("job", ["weekly", "monthly", "notify", "prune"])
def test_a_job_waits_until_the_one_before_it_is_over(turn, job, state):
    assert turn(job, state, {}) == (0, 1, WAITS.format(job, "daily"))


@pytest.mark.parametrize(
    "state",
    [
        pytest.param({"simplify@daily.service.state": FAILED}, id="given up"),
        pytest.param(
            {"simplify@daily.timer.on": "", "simplify@daily.timer.next": elapses_in(60)},
            id="due much later",
        ),
        pytest.param(
            {"simplify@daily.timer.on": "", "simplify@daily.timer.next": "\n"}, id="never due again"
        ),
        pytest.param({"simplify@monthly.service.state": RUNNING}, id="a later one runs"),
    ],
)
def test_a_job_does_not_wait_for_what_will_not_run(turn, state):
    assert turn("weekly", state) == (0, 0, "")


def test_a_timer_that_stays_off_is_waited_for_a_minute_only(turn):
    assert turn("weekly", *[{"simplify@daily.timer.enabled": ""}] * 60) == (
        0,
        12,
        WAITS.format("weekly", "daily"),
    )


def test_a_job_waits_for_one_after_the_other_and_names_each(turn):
    daily, weekly = ({f"simplify@{job}.service.state": RUNNING} for job in ("daily", "weekly"))
    assert turn("monthly", daily, daily, weekly, {}) == (
        0,
        3,
        WAITS.format("monthly", "daily") + WAITS.format("monthly", "weekly"),
    )


def test_a_wait_has_an_end_and_says_so(turn):
    running = {"simplify@daily.service.state": RUNNING}

    assert turn("weekly", running, SIMPLIFY_LONGEST_WAIT_S="60") == (
        0,
        0,
        WAITS.format("weekly", "daily")
        + "weekly has waited 60 s for daily and begins without it\n",
    )


def test_a_wait_that_is_stopped_is_a_failed_attempt(turn):
    running = {"simplify@daily.service.state": RUNNING}
    assert turn("weekly", running, STOPPED="yes")[0] == 75


def test_the_longest_wait_ends_before_the_unit_is_out_of_time():
    unit = (UNITS / "simplify@.service").read_text()
    longest_s = int(SCRIPT.read_text().partition("SIMPLIFY_LONGEST_WAIT_S:-")[2].partition("}")[0])

    assert "TimeoutStartSec=3h\n" in unit
    assert longest_s < 3 * 3600
