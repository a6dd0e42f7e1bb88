"""The simulator as the portal client meets it, without waiting between attempts."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import stamina

from demo.portal import World, run_portal
from lib import portal
from lib.config import Account, PortalSettings
from lib.portal.http import transport

T = date(2025, 12, 9)
"""The day that the simulator's dashboards are about."""


@pytest.fixture(autouse=True)
def _no_pauses():
    with stamina.set_testing(True, attempts=transport.ATTEMPTS):
        yield


@pytest.fixture
def simulator():
    with run_portal(World(stores=8, scale=0.2), today=T + timedelta(days=1)) as running:
        yield running


@pytest.fixture
def control(simulator):
    return simulator.control


@pytest.fixture
def stores(simulator):
    return simulator.world.codes


@pytest.fixture
def settings(simulator, tmp_path):
    return PortalSettings(
        login_url=f"{simulator.base_url}/home/login",
        home_url=f"{simulator.base_url}/home",
        tms_base=simulator.tms_base,
        dashboard_path="/mis/partner_dashboard?store_code={store_code}",
        concurrency=4,
        timeout_s=5,
        storage_state=tmp_path / "profiles" / "storage_state.json",
        account=Account("A668", simulator.username, simulator.password),
        browser_executable=None,
        network_wait_s=1,
        artefacts_dir=tmp_path / "logs" / "portal",
    )


@pytest.fixture
def hasty(settings):
    """Settings for tests that wait for a time-out."""
    return replace(settings, timeout_s=1)


@pytest.fixture
def client(settings, simulator, stores):
    """A client with a live session.

    No browser was started for it, and every dashboard is still to be asked for.
    """
    save_state(settings.storage_state, simulator.storage_state())
    # no test of a client waits for a time-out, which a busy machine must not reach either
    with portal.connect(replace(settings, timeout_s=60)) as connected:
        connected.log_in(stores)
        assert connected._session.take_probe_page(stores[0])
        simulator.control.reset_counters()
        yield connected


def save_state(file: Path, document) -> None:
    """Write a storage state as a browser would have left it."""
    from lib.portal.session import storage_state

    storage_state.save(file, storage_state.SessionState(tuple(document["cookies"])))
