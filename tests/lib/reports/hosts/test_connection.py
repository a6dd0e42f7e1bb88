"""A run's side, with the services as real processes on loopback addresses of this test alone."""

import dataclasses
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import dask
import pytest
from distributed.config import defaults

from lib.errors import ExitCode
from lib.reports.build.rendering import Rendering
from lib.reports.hosts import connection, engine, release
from lib.reports.render import engines
from tests.factories.notify_rows import settings as some_settings
from tests.worker_hosts import (
    certificates,
    end_all,
    expected,
    page,
    scheduler,
    settings_of,
    worker,
)

pytestmark = pytest.mark.integration


def own_address(last):
    """Return an address of loopback that no other test uses at the same time: the ports are fixed."""
    number = os.getpid()
    return f"127.{64 + number % 128}.{number // 128 % 254}.{last}"


@pytest.fixture
def tls(tmp_path):
    return certificates(tmp_path / "tls")


@pytest.fixture
def settings(tmp_path, tls):
    """One process here; everything else on the worker hosts."""
    draw = settings_of(own_address(1), tls, processes=1)
    yield dataclasses.replace(some_settings(tmp_path, None), draw=draw)
    end_all()


@pytest.fixture
def said(monkeypatch):
    """What was logged: level and message."""
    heard = []
    for level in ("info", "warning", "ok", "error"):
        hear = partial(lambda level, text, **_fields: heard.append((level, text)), level)
        monkeypatch.setattr(connection.log, level, hear)
    return heard


@contextmanager
def cluster(settings, directory, **more):
    """Run a scheduler and one worker host with one process."""
    started = [scheduler(settings.draw, own_address(1), directory / "scheduler")]
    try:
        started.append(worker(settings.draw, own_address(2), directory / "worker", **more))
        yield started
    finally:
        codes = [service.stop() for service in reversed(started)]
    assert codes == [0] * len(codes)


def drawn(settings, count):
    """Return what a run draws of so many pages."""
    rendering = Rendering(engines.weasyprint, settings)
    with rendering.pool(count) as (pool, size), ThreadPoolExecutor(size) as threads:
        waiting = [threads.submit(pool.draw, page(n, rows=40), expected(n)) for n in range(count)]
        return [one.result().content for one in waiting]


def test_pages_are_drawn_on_a_worker_host_with_the_same_bytes(settings, tmp_path, said):
    with cluster(settings, tmp_path) as (_, host):
        found = drawn(settings, 6)
        there = [text for text in host.messages() if text == "a page is drawn"]

    assert found == [engines.weasyprint(page(n, rows=40)) for n in range(6)]
    assert there
    assert said == [("info", "drawing on 1 worker host with 1 process")]


def test_a_host_of_another_release_gets_no_page(settings, tmp_path, said):
    logo = tmp_path / "logo.svg"
    logo.write_text("<svg/>")
    with cluster(settings, tmp_path, PDF_LOGO=str(logo)) as (_, host):
        assert len(drawn(settings, 3)) == 3
        assert "a page is drawn" not in host.messages()

    own = release.of_this_host(settings.pdf)
    [(level, text)] = said
    assert level == "warning"
    assert text.startswith(f"another release is on {own_address(2)}, which gets no page: {own} is")


def test_without_a_host_a_run_draws_alone(settings, tmp_path, said):
    service = scheduler(settings.draw, own_address(1), tmp_path / "scheduler")
    assert len(drawn(settings, 3)) == 3
    assert service.stop() == 0

    assert said == [
        ("warning", "drawing here alone: no worker host is there; look at jobs.draw on them")
    ]


def test_without_a_scheduler_a_run_draws_alone_within_seconds(settings, said):
    started_s = time.monotonic()
    with connection.places(settings, 8) as places:
        assert list(places) == []

    assert time.monotonic() - started_s < 20
    [(level, text)] = said
    assert level == "warning"
    # The last try may have ended by itself, or been cut off by the time.
    assert text.startswith(f"drawing here alone: DRAW_SCHEDULER {settings.draw.scheduler} ")
    assert text.endswith("; look at jobs.draw_scheduler there")


def test_a_certificate_of_another_ca_draws_alone(settings, tmp_path, said):
    service = scheduler(settings.draw, own_address(1), tmp_path / "scheduler")
    ca, _ = certificates(tmp_path / "other")
    _, stranger = certificates(tmp_path / "third")
    ours, host = settings.draw.tls_ca, settings.draw.tls_cert
    for files in ((ca, host), (ours, stranger)):
        other = dataclasses.replace(settings, draw=settings_of(own_address(1), files, processes=1))
        assert len(drawn(other, 2)) == 2
    assert service.stop() == 0

    [false, refused] = [text for level, text in said if level == "warning"]
    assert "has a certificate that DRAW_TLS_CA did not make" in false
    assert "refuses the certificate of DRAW_TLS_CERT" in refused


def test_files_that_are_no_certificates_draw_alone(settings, tmp_path, said):
    junk = tmp_path / "junk.pem"
    junk.write_text("a customer's name")
    ca, host = settings.draw.tls_ca, settings.draw.tls_cert
    for files in ((junk, host), (ca, junk), (ca, tmp_path / "nowhere.pem")):
        other = dataclasses.replace(settings, draw=settings_of(own_address(1), files, processes=1))
        assert len(drawn(other, 2)) == 2

    assert [level for level, _ in said] == ["warning"] * 3
    assert all("no CA and no certificate with its key" in text for _, text in said)
    assert not any("customer" in text for _, text in said)


def test_the_hosts_that_draw_are_counted(settings, tmp_path, said):
    with cluster(settings, tmp_path):
        assert connection.expect(settings, 1) is ExitCode.OK
        assert connection.expect(settings, 2) is ExitCode.TEMPORARY

    own = release.of_this_host(settings.pdf)
    host = ("info", f"{own_address(2)} draws with 1 process, release {own}")
    assert said == [
        host,
        ("ok", f"1 of 1 expected hosts draw with release {own}"),
        host,
        (
            "error",
            f"1 of 2 expected hosts draw with release {own}; look at jobs.draw on the others",
        ),
    ]


def test_a_run_whose_pages_fit_here_asks_no_other_host(settings, monkeypatch):
    monkeypatch.setattr(connection, "places", None)
    assert len(drawn(settings, 1)) == 1


def test_no_setting_of_the_engine_is_one_that_it_does_not_know():
    unknown = [
        name
        for name in engine.CONFIGURATION
        if dask.config.get(name, "?", config={"distributed": defaults["distributed"]}) == "?"
    ]
    assert unknown == ["distributed.logging"]
