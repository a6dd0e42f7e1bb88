"""Two worker hosts draw for the main host, through an upgrade and a rollback, until they are turned off.

Run by `make test-deploy` after check_release.py.
"""

import json
import re

import pytest

from tests.proofs.deploy.programs import address_of, docker

DRAWN = "a page is drawn"
READY = "ready to draw"
#: How a run says that it draws together with others, and that some of them are of no use to it.
TOGETHER = "drawing on "
OF_ANOTHER_RELEASE = "another release is on"
SERVICES = {"simplify-draw": 8788, "simplify-draw-scheduler": 8786}
#: One page at a time here, so that of two at once the other is drawn on a worker host.
ONE_HERE = "DRAW_PROCESSES=1\n"


@pytest.fixture(scope="module")
def addresses(worker_hosts):
    return {name: address_of(host.name) for name, host in worker_hosts.items()}


@pytest.fixture(scope="module")
def settings(stage):
    """What is not secret, with the scheduler on the main host's address."""
    return stage.settings | {"DRAW_SCHEDULER": f"tls://{stage.address}:8786"}


@pytest.fixture(autouse=True)
def _one_page_at_a_time_here(host):
    host.write("/etc/simplify/local.env", ONE_HERE)
    yield
    host.calm()


def id_of(image):
    return docker("image", "inspect", "--format={{.Id}}", image)


def changed(text):
    return sum(map(int, re.findall(r"changed=(\d+)", text)))


def expected(host, count):
    """Return what the main host's scheduler says of the hosts of its release, and the exit code."""
    said = host.run(
        f"simplify draw_scheduler --expect {count} 2>&1; echo exit code $?", timeout_s=120
    )
    text, _, code = said.rpartition("exit code ")
    return int(code), text


@pytest.fixture(scope="module")
def day(host):
    """A day that the main host has reports of, as their names have it."""
    host.run("simplify daily --force --no-notify", timeout_s=900)
    return next(name for name in host.reports() if re.match(r"A668_\d", name))[5:15]


def drawn(host, worker_hosts, day):
    """Make the day's reports again; return how many each worker host drew, and what the job said."""
    since = {name: one.now() for name, one in worker_hosts.items()}
    before = host.reports()
    said = host.run(f"simplify reports --date {day} --no-notify 2>&1", timeout_s=900)
    pages = {
        name: one.count("simplify-draw", DRAWN, since[name]) for name, one in worker_hosts.items()
    }

    assert host.reports().keys() == before.keys()
    assert before.keys() >= {f"{store}_{day}.pdf" for store in ("A668", "A817", "ALL")}
    return pages, said


class TestRefused:
    """Each stops before anything of a worker host changes, and says why."""

    def refused(self, operator, release):
        code, text = operator.deploy(release, "--limit", "draw-1")
        assert code != 0, text[-3000:]
        return " ".join(text.split())

    def test_a_worker_host_without_a_scheduler(self, operator, stage, addresses, release):
        operator.draw_with(addresses, stage.settings)
        said = self.refused(operator, release)

        assert 'DRAW_SCHEDULER of app_settings is ""' in said

    def test_one_without_a_certificate(self, operator, settings, addresses, release):
        operator.draw_with(addresses, settings)
        said = self.refused(operator, release)

        assert "There is no certificate for draw-1" in said

    def test_the_main_host(self, operator, stage, settings, release):
        operator.draw_with({"draw-1": stage.address}, settings)
        said = self.refused(operator, release)

        assert "draw-1 is the main host" in said


def test_one_command_makes_hosts_that_draw(
    operator, host, worker_hosts, addresses, settings, release
):
    operator.draw_with(addresses, settings)
    code, text = operator.make_draw_certificates()
    assert code == 0, text[-3000:]

    code, text = operator.deploy(release)
    assert code == 0, text[-3000:]
    assert {one.image() for one in (host, *worker_hosts.values())} == {id_of(release)}
    assert expected(host, 2)[0] == 0
    assert expected(host, 3)[0] == 75


def test_a_second_run_changes_nothing(operator, release):
    code, text = operator.deploy(release)
    assert (code, changed(text)) == (0, 0), text[-3000:]


def test_a_worker_host_holds_its_certificate_and_no_secret(stage, worker_hosts):
    for one in worker_hosts.values():
        held = one.run("cd -P /etc/simplify/current && stat -c '%a %U %n' * draw/*").splitlines()
        assert held == [
            "750 root attempts",
            "640 root chromium.json",
            "700 simplify draw",
            "640 root draw.env",
            "640 root host.env",
            "750 root simplify",
            "600 simplify draw/ca.pem",
            "600 simplify draw/host.pem",
        ]
        for secret in stage.secrets.values():
            places = "/etc/simplify /var/lib/simplify /etc/systemd /var/log"
            found = f"grep --recursive --fixed-strings --files-with-matches '{secret}' {places}"
            assert one.run(f"{found} || true") == ""


def test_a_service_is_bound_and_published_on_the_internal_address_alone(
    host, stage, worker_hosts, addresses
):
    places = [("simplify-draw-scheduler", host, stage.address)]
    places += [("simplify-draw", one, addresses[name]) for name, one in worker_hosts.items()]

    for service, one, address in places:
        said = json.loads(one.run(f"docker inspect --format '{{{{json .}}}}' {service}"))
        bonds = said["HostConfig"]
        port = SERVICES[service]

        assert said["Config"]["User"] == "10001:10001"
        assert (bonds["Privileged"], bonds["ReadonlyRootfs"], bonds["CapDrop"]) == (
            False,
            True,
            ["ALL"],
        )
        assert [(each["Destination"], each["RW"]) for each in said["Mounts"]] == [
            ("/run/draw", False)
        ]
        assert bonds["PortBindings"] == {
            f"{port}/tcp": [{"HostIp": address, "HostPort": str(port)}]
        }
        assert bonds["NetworkMode"] in {"bridge", "default"}


def test_a_pdf_is_drawn_on_a_worker_host(host, worker_hosts, day):
    pages, said = drawn(host, worker_hosts, day)

    assert TOGETHER in said
    assert sum(pages.values()) >= 1, (pages, said[-3000:])
    heads = host.run("head -c 5 -q $(find /var/lib/simplify/reports -name 'A*_20??-??-??.pdf')")
    assert set(re.findall(".{5}", heads)) == {"%PDF-"}
    for one in worker_hosts.values():
        assert one.run("find /var/lib/simplify /tmp -type f -name '*.pdf'") == ""


def test_between_two_releases_pages_go_to_the_hosts_of_the_jobs_own(
    operator, host, worker_hosts, day, next_release
):
    newer, same = worker_hosts.values()
    since = newer.now()
    code, text = operator.deploy(next_release, "--limit", "draw-1")
    assert code == 0, text[-3000:]
    newer.until("it is ready", lambda: newer.count("simplify-draw", READY, since))
    assert (expected(host, 1)[0], expected(host, 2)[0]) == (0, 75)

    pages, said = drawn(host, worker_hosts, day)
    assert (pages["draw-1"], pages["draw-2"] >= 1) == (0, True), (pages, said[-3000:])
    assert OF_ANOTHER_RELEASE in said

    same.run("systemctl stop simplify-draw")
    pages, said = drawn(host, worker_hosts, day)
    assert pages == {"draw-1": 0, "draw-2": 0}
    assert (OF_ANOTHER_RELEASE in said, TOGETHER in said) == (True, False)
    same.run("systemctl start simplify-draw")


def test_an_upgrade_is_whole_once_the_main_host_follows(
    operator, host, worker_hosts, day, next_release
):
    code, text = operator.deploy(next_release)

    assert code == 0, text[-3000:]
    assert {one.image() for one in (host, *worker_hosts.values())} == {id_of(next_release)}
    assert expected(host, 2)[0] == 0
    pages, said = drawn(host, worker_hosts, day)
    assert sum(pages.values()) >= 1, (pages, said[-3000:])


def test_a_host_that_is_away_is_named_and_stops_nobody(
    operator, host, worker_hosts, day, next_release
):
    worker_hosts["draw-2"].cut_power()
    code, text = operator.deploy(next_release, draw_wait_s=20)
    text = " ".join(text.split())

    assert code != 0, text[-3000:]
    assert "Expected: draw-1, draw-2. This release is current" in text
    assert host.image() == id_of(next_release)
    pages, said = drawn(host, {"draw-1": worker_hosts["draw-1"]}, day)
    assert (pages["draw-1"] >= 1, TOGETHER in said) == (True, True), said[-3000:]


def test_a_host_that_comes_back_draws_again_by_itself(host, worker_hosts):
    worker_hosts["draw-2"].boot()
    worker_hosts["draw-2"].until("both are there", lambda: expected(host, 2)[0] == 0)


def test_a_rollback_takes_the_worker_hosts_with_it(operator, host, worker_hosts, release):
    code, text = operator.rollback()

    assert code == 0, text[-3000:]
    assert {one.image() for one in (host, *worker_hosts.values())} == {id_of(release)}
    assert expected(host, 2)[0] == 0


def test_turned_off_the_main_host_draws_alone(operator, host, stage, worker_hosts, day, release):
    operator.draw_with({}, stage.settings)
    code, text = operator.deploy(release)
    assert code == 0, text[-3000:]

    assert host.run("systemctl is-active simplify-draw-scheduler || true") == "inactive"
    assert host.run("systemctl is-enabled simplify-draw-scheduler || true") == "disabled"
    pages, said = drawn(host, worker_hosts, day)
    assert (pages, TOGETHER in said) == ({"draw-1": 0, "draw-2": 0}, False)
