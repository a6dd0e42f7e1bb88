"""Jobs keep their order on a booted host, whatever delays their timers have.

Run by `make test-deploy` after check_night.py.
"""

from itertools import pairwise

import pytest

from tests.proofs.deploy.booted import NOWHERE

ORDER = ("daily", "weekly", "monthly", "notify")
LATER = ORDER[1:]
TIMERS = " ".join(f"simplify@{job}.timer" for job in ORDER)
STAMPS = " ".join(f"/var/lib/systemd/timers/stamp-simplify@{job}.timer" for job in ORDER)
#: Once, two days ago, as nothing that runs now knows.
MISSED = "[Timer]\nOnCalendar=\nOnCalendar={day}\nRandomizedDelaySec={delay_s}\n"
NEVER = "[Timer]\nOnCalendar=\nOnCalendar=2099-01-01\n"
TIMES = ("ExecMainStartTimestampMonotonic", "ExecMainExitTimestampMonotonic")


@pytest.fixture(autouse=True)
def _timers(host):
    """Timers of which only the daily one has a delay, so that it is the last to elapse; afterwards none of them elapses."""
    day = host.run("date --date='2 days ago' +%F")
    for job in ORDER:
        delay_s = 40 if job == "daily" else 0
        host.write(
            f"/etc/systemd/system/simplify@{job}.timer.d/zz-test.conf",
            MISSED.format(day=day, delay_s=delay_s),
        )
    host.run(f"systemctl stop {TIMERS}; systemctl daemon-reload; systemctl enable {TIMERS}")
    yield
    host.run(f"systemctl stop {TIMERS} 'simplify-again-*.timer' 'simplify@*.service'", check=False)
    host.run("rm -f /etc/systemd/system/simplify@*.timer.d/zz-test.conf /var/lib/simplify/owed/*")
    host.calm()
    host.run(
        "systemctl disable simplify@weekly.timer simplify@monthly.timer; "
        f"systemctl enable simplify@daily.timer simplify@notify.timer; systemctl start {TIMERS}"
    )


def miss(host):
    """Let systemd believe that all four last ran before their time."""
    host.run(f"touch --date='3 days ago' {STAMPS} && sync")


def times(host, job):
    """When the last run of a job began and ended in this boot, in µs; 0 is never."""
    shown = host.run(f"systemctl show --property={','.join(TIMES)} simplify@{job}.service")
    values = dict(line.split("=") for line in shown.splitlines())
    return tuple(int(values[name]) for name in TIMES)


def are_over(host, jobs=ORDER):
    return host.owes() == [] and all(all(times(host, job)) for job in jobs)


def in_order(host, jobs=ORDER):
    """Assert that no job's last run began before that of the job before it had ended."""
    seen = {job: times(host, job) for job in jobs}
    early = [
        (earlier, later) for earlier, later in pairwise(jobs) if seen[later][0] < seen[earlier][1]
    ]
    assert early == [], seen


def test_after_a_late_boot_with_the_daily_timer_as_the_last_to_elapse(host, morning):
    miss(host)
    host.cut_power()
    host.boot()
    host.until("all four have run", lambda: are_over(host), timeout_s=600)

    in_order(host)


def test_when_timers_are_turned_on_later_in_the_wrong_order(host, morning):
    miss(host)
    on = " ".join(f"simplify@{job}.timer" for job in reversed(LATER))
    host.run(f"systemctl start {on}")
    host.until(
        "the week waits",
        lambda: "weekly waits for daily" in host.journal("simplify@weekly", morning),
    )
    host.run("systemctl start simplify@daily.timer")
    host.until("all four have run", lambda: are_over(host), timeout_s=600)

    in_order(host)


@pytest.fixture
def pause(host, morning):
    """The daily run has failed and waits for its next attempt; the three later jobs wait for it."""
    for job in ORDER:
        host.write(f"/etc/systemd/system/simplify@{job}.timer.d/zz-test.conf", NEVER)
    host.run(f"systemctl daemon-reload; systemctl start {TIMERS}")
    host.write("/etc/simplify/local.env", NOWHERE)
    host.retry_soon(pause_s=20)
    host.run("systemctl start simplify@daily", check=False)
    host.until_first_failure_is_counted("daily", morning, attempts=9)
    units = " ".join(f"simplify@{job}.service" for job in LATER)
    host.run(f"systemctl start --no-block {units}")
    host.until("all four are owed", lambda: set(host.owes()) == set(ORDER))
    host.write("/etc/simplify/local.env", "")


@pytest.mark.usefixtures("pause")
def test_between_two_attempts_of_the_daily_run(host):
    host.until("all four have run", lambda: are_over(host), timeout_s=600)
    in_order(host)


@pytest.mark.usefixtures("pause")
def test_after_a_power_cut_between_two_attempts(host):
    host.run("sync")
    host.cut_power()
    host.boot()
    host.until("all four have run", lambda: are_over(host), timeout_s=600)

    in_order(host)
