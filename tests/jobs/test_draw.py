"""The two services of worker hosts: how they begin and end."""

import os
import signal
import socket

import pytest

from tests.programs import messages, run_job
from tests.worker_hosts import (
    Service,
    certificates,
    end_all,
    environment,
    scheduler,
    settings_of,
    worker,
)


def own_address(last):
    """Return an address of loopback that no other test uses at the same time: the ports are fixed."""
    number = os.getpid()
    return f"127.{64 + number % 128}.{number // 128 % 254}.{last}"


@pytest.fixture
def draw(tmp_path):
    yield settings_of(own_address(11), certificates(tmp_path / "tls"), processes=1)
    end_all()


def left(directory):
    return [path.name for path in directory.iterdir() if path.suffix != ".log"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_told_to_stop_ends_well_and_leaves_nothing(tmp_path, draw, number):
    serving = scheduler(draw, own_address(11), tmp_path / "main")
    host = worker(draw, own_address(12), tmp_path / "one")
    for service in (host, serving):
        service.send(number)
        assert service.process.wait(300) == 0
        assert service.messages()[-1] == "stopped, as it was told to"

    assert left(tmp_path / "main") == left(tmp_path / "one") == []


def test_a_worker_host_ends_with_its_scheduler_and_its_unit_starts_it_again(tmp_path, draw):
    serving = scheduler(draw, own_address(11), tmp_path / "main")
    host = worker(draw, own_address(12), tmp_path / "one")
    serving.send(signal.SIGKILL)
    serving.process.wait(300)

    assert host.process.wait(300) == 75
    assert host.messages()[-1] == "the scheduler is lost; this host draws again once it finds it"


def test_a_worker_host_that_waits_for_its_scheduler_can_be_stopped(tmp_path, draw):
    waiting = Service(
        "jobs.draw",
        *("--address", own_address(12)),
        environ=environment(draw, tmp_path / "one"),
        directory=tmp_path / "one",
    )
    # It says nothing before it is ready: its scratch is what shows that it has begun.
    while not left(tmp_path / "one"):
        assert waiting.process.poll() is None
    waiting.send(signal.SIGTERM)

    assert waiting.process.wait(300) == 0


@pytest.mark.parametrize(
    ("job", "flag", "port"), [("draw_scheduler", "--listen", 8786), ("draw", "--address", 8788)]
)
def test_a_port_in_use_is_75_and_named(tmp_path, draw, job, flag, port):
    with socket.create_server((own_address(13), port)):
        serving = scheduler(draw, own_address(11), tmp_path / "main")
        done = run_job(
            job, flag, own_address(13), cwd=tmp_path, **environment(draw, tmp_path / "main")
        )
        serving.stop()

    assert done.returncode == 75
    assert messages(done)[-1] == (
        f"error: port {port} cannot be listened at (Address already in use);"
        " look at what else uses it, and at --listen"
    )


@pytest.mark.parametrize("job", ["draw", "draw_scheduler"])
def test_what_is_no_certificate_needs_a_person(tmp_path, draw, job):
    draw.tls_cert.write_text("a customer's name")
    flags = ("--address", "127.0.0.1") if job == "draw" else ("--listen", "127.0.0.1")
    done = run_job(job, *flags, cwd=tmp_path, **environment(draw, tmp_path))

    assert done.returncode == 78
    assert "are no CA and no certificate with its key" in messages(done)[-1]
    assert "customer" not in done.stdout


@pytest.mark.parametrize(
    ("job", "missing"),
    [("draw", "--address is missing"), ("draw_scheduler", "--listen is missing")],
)
def test_an_address_is_said_and_never_guessed(tmp_path, draw, job, missing):
    done = run_job(job, cwd=tmp_path, **environment(draw, tmp_path))

    assert done.returncode == 2
    assert messages(done)[-1].startswith(f"error: {missing}")


def test_without_a_scheduler_nobody_can_be_expected(tmp_path, draw):
    done = run_job("draw_scheduler", "--expect", "1", cwd=tmp_path, **environment(draw, tmp_path))

    assert done.returncode == 75
    # The last try may have ended by itself, or been cut off by the time.
    last = messages(done)[-1]
    assert last.startswith(f"error: DRAW_SCHEDULER {draw.scheduler} ")
    assert last.endswith("; look at jobs.draw_scheduler there")
