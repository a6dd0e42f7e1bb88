"""A real browser against the simulator: every way in, every way out."""

import contextlib
import errno
import os
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest.mock import Mock

import httpx
import psutil
import pytest
import trustme

from demo.portal import Endpoint, Fault, World, run_portal
from demo.portal import Kind as Trouble
from demo.portal.server import Tls
from lib import portal
from lib.config import Account
from lib.errors import ConfigurationError, ExitCode
from lib.portal import LoginOutcome
from lib.portal.browser import chromium, find
from lib.portal.http.transport import Transport
from lib.portal.login import browser_login
from tests.lib.portal.conftest import T, save_state
from tests.lib.portal.states import LOGINS


def windowless(launched, settings, *, headed, lives_s):
    """Start a browser without a window in place of one with."""
    return launched(settings, lives_s=lives_s)


def log_in(settings, stores):
    """Return the outcome, a refusal being one too: the error that the outcome stands for."""
    try:
        with portal.connect(settings) as client:
            return client.log_in(stores)
    except (portal.LoginRefused, portal.PortalAway) as error:
        return str(error)


def offspring():
    """Return the processes below this one but those of the test's server.

    PostgreSQL starts and ends some of its own accord.
    """
    found = set()

    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and child.name() != "postgres":
                found.add(child.pid)

    return found


@pytest.mark.parametrize(
    ("faults", "outcome"),
    LOGINS,
    ids=[" ".join(f.kind for f in faults) or "fresh" for faults, _ in LOGINS],
)
def test_every_state_of_the_portal_has_its_outcome(
    settings, hasty, control, stores, faults, outcome
):
    before = offspring()
    control.add(*faults)
    succeeds = outcome.exit_code is ExitCode.OK
    # A machine that is too slow for the hasty ones ends in a time-out as well, which is what is expected then.
    chosen = hasty if outcome is LoginOutcome.TIME_OUT else settings

    assert log_in(chosen, stores) == (outcome if succeeds else str(outcome.error()))
    assert control.login_submissions <= 1
    assert settings.storage_state.exists() is succeeds
    assert offspring() <= before


def test_a_live_session_is_reused_and_no_browser_starts(settings, simulator, stores, monkeypatch):
    save_state(settings.storage_state, simulator.storage_state())
    monkeypatch.setattr(
        browser_login, "log_in", lambda *_, **__: pytest.fail("a browser was started")
    )

    assert log_in(settings, stores) is LoginOutcome.REUSED
    assert (simulator.control.requests(Endpoint.HOME), simulator.control.login_submissions) == (
        0,
        0,
    )


def test_a_session_that_there_is_no_room_for_serves_this_run_all_the_same(
    settings, simulator, stores, monkeypatch
):
    save_state(settings.storage_state, simulator.storage_state())
    monkeypatch.setattr(
        os, "fsync", Mock(side_effect=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    )

    with portal.connect(settings) as client:
        assert client.log_in(stores) is LoginOutcome.REUSED
        assert client.dashboard(stores[0], T, None).store_code == stores[0]


def test_a_login_that_still_holds_needs_only_the_hop(settings, simulator, control, stores):
    save_state(settings.storage_state, simulator.storage_state(tms=False))

    assert log_in(settings, stores) is LoginOutcome.SIGNED_ON
    assert (control.hops, control.login_submissions) == (1, 0)


def test_a_dead_saved_session_is_an_everyday_thing(settings, simulator, control, stores):
    save_state(settings.storage_state, simulator.storage_state())
    control.expire_tms()
    control.expire_simplify()

    assert log_in(settings, stores) is LoginOutcome.LOGGED_IN
    assert log_in(settings, stores) is LoginOutcome.REUSED
    assert control.login_submissions == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"value": "caf\u00e9"},
        {"name": "__Host-odd", "path": "/below"},
        {"sameSite": "None", "domain": ".example.invalid"},
    ],
    ids=str,
)
def test_a_saved_cookie_that_is_refused_never_ends_a_run_nor_outlives_it(
    settings, simulator, control, stores, odd
):
    document = simulator.storage_state()
    document["cookies"].append(document["cookies"][0] | {"name": "odd"} | odd)
    save_state(settings.storage_state, document)
    control.expire_tms()
    control.expire_simplify()

    assert log_in(settings, stores) is LoginOutcome.LOGGED_IN
    assert "caf" not in settings.storage_state.read_text()
    assert log_in(settings, stores) is LoginOutcome.REUSED


@pytest.mark.parametrize("trouble", [Trouble.BOUNCED, Trouble.BAD_CREDENTIALS])
def test_a_refused_login_leaves_the_saved_session_untouched(
    settings, simulator, control, stores, trouble
):
    save_state(settings.storage_state, simulator.storage_state())
    before = settings.storage_state.read_bytes()
    control.expire_tms()
    control.expire_simplify()
    control.add(Fault(trouble))

    assert "no portal session" in log_in(settings, stores)
    assert settings.storage_state.read_bytes() == before


def test_wrong_credentials_are_sent_once(settings, control, stores):
    wrong = replace(settings, account=Account("A668", "A668", "not-the-password"))

    assert log_in(wrong, stores) == str(LoginOutcome.REFUSED.error())
    assert control.login_submissions == 1


def test_a_first_store_that_the_portal_does_not_show_prevents_no_login(settings, control, stores):
    control.add(Fault(Trouble.UNKNOWN_PAGE, Endpoint.DASHBOARD, store=stores[0]))

    assert log_in(settings, stores) is LoginOutcome.LOGGED_IN


def test_a_portal_in_trouble_is_not_answered_with_a_login(settings, simulator, control, stores):
    save_state(settings.storage_state, simulator.storage_state())
    control.add(Fault(Trouble.STATUS, Endpoint.DASHBOARD))

    assert "does not say whether we are logged in: a server error (status 503)" in log_in(
        settings, stores
    )
    assert control.requests(Endpoint.HOME) == 0


def test_a_saved_session_open_to_others_is_refused_before_anything_is_asked(
    settings, simulator, control, stores
):
    save_state(settings.storage_state, simulator.storage_state())
    settings.storage_state.chmod(0o644)

    with portal.connect(settings) as client, pytest.raises(ConfigurationError, match="chmod 0600"):
        client.log_in(stores)
    assert control.requests() == 0


def test_a_home_page_that_leads_nowhere_is_left_for_the_login_page(settings, control, stores):
    control.add(Fault(Trouble.UNKNOWN_PAGE, Endpoint.HOME, times=1))

    assert log_in(settings, stores) is LoginOutcome.LOGGED_IN


def test_a_browser_that_does_not_start_is_a_matter_of_configuration(settings, stores, tmp_path):
    broken = tmp_path / "browser"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    with (
        portal.connect(replace(settings, browser_executable=broken)) as client,
        pytest.raises(ConfigurationError, match="does not start"),
    ):
        client.log_in(stores)


def test_a_browser_that_gets_no_sandbox_is_started_without(settings, stores, monkeypatch):
    """For root Chromium itself refuses the sandbox; elsewhere the first try may succeed."""
    monkeypatch.setattr(find, "sandboxes", lambda: (True, False))

    assert log_in(settings, stores) is LoginOutcome.LOGGED_IN


def test_without_an_account_nothing_is_started(settings, stores):
    with (
        portal.connect(replace(settings, account=None)) as client,
        pytest.raises(ConfigurationError, match="TD_<KEY>_USERNAME"),
    ):
        client.log_in(stores)


def test_an_invalid_certificate_is_one_clear_failure_and_never_bypassed(settings, tmp_path):
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.2")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    tls = Tls(tmp_path / "certificate.pem", tmp_path / "key.pem")

    with run_portal(World(stores=2), today=T + timedelta(days=1), tls=tls) as simulator:
        save_state(settings.storage_state, simulator.storage_state())
        secure = replace(
            settings, home_url=f"{simulator.base_url}/home", tms_base=simulator.tms_base
        )

        assert LoginOutcome.INSECURE.message in log_in(secure, simulator.world.codes)
        assert simulator.control.requests() == 0


def test_a_person_in_a_window_does_what_the_portal_wants_and_the_rest_happens_by_itself(
    settings, simulator, control, stores, monkeypatch
):
    """The person is a script that fills in the form.

    A browser without windows stands for the window.
    """
    person = f"""addEventListener('load', () => {{
        const name = document.querySelector("input[name='user_name']");
        if (!name) return;
        name.value = '{simulator.username}';
        document.querySelector("input[name='password']").value = '{simulator.password}';
        name.form.submit();
    }})"""
    make = browser_login._context

    def with_person(*arguments):
        context = make(*arguments)
        context.add_init_script(person)
        return context

    monkeypatch.setattr(browser_login, "_context", with_person)
    monkeypatch.setattr(chromium, "browser", partial(windowless, chromium.browser))
    with portal.connect(settings) as client:
        assert client.log_in_by_hand(stores) is LoginOutcome.LOGGED_IN
    assert control.login_submissions == 1
    assert log_in(settings, stores) is LoginOutcome.REUSED


def test_a_window_that_nobody_comes_to_is_closed_in_the_end(settings, stores, monkeypatch):
    monkeypatch.setattr(browser_login, "BY_HAND_S", 0.2)
    monkeypatch.setattr(chromium, "browser", partial(windowless, chromium.browser))

    with (
        portal.connect(settings) as client,
        pytest.raises(portal.PortalAway, match="nobody finished the login"),
    ):
        client.log_in_by_hand(stores)
    assert not settings.storage_state.exists()


def test_a_network_that_comes_up_late_is_waited_for(settings, simulator, stores, monkeypatch):
    """Nothing answers at first, as on a machine that has just woken up (lesson 50)."""
    save_state(settings.storage_state, simulator.storage_state())
    real, waits = Transport._read, []

    def no_network(*_):
        raise httpx.ConnectError("no route")

    def comes_up(wire):
        waits.append(1)
        monkeypatch.setattr(Transport, "_read", real)
        return len(waits) > 1

    monkeypatch.setattr(Transport, "_read", no_network)
    monkeypatch.setattr(Transport, "_is_answering", comes_up)

    assert log_in(settings, stores) is LoginOutcome.REUSED
    assert len(waits) == 2


def test_a_login_counts_although_its_proof_could_not_be_asked_for(
    settings, control, stores, monkeypatch
):
    """The form was sent, then the network broke: with the login after it the run has had its two.

    Source: lesson 46.
    """
    real = Transport._read

    def no_network(*_):
        raise httpx.ConnectError("no route")

    def comes_up(_):
        monkeypatch.setattr(Transport, "_read", real)
        return True

    monkeypatch.setattr(Transport, "_read", no_network)
    monkeypatch.setattr(Transport, "_is_answering", lambda _: True)
    monkeypatch.setattr(Transport, "await_network", comes_up)
    with portal.connect(settings) as client:
        assert client.log_in(stores) is LoginOutcome.LOGGED_IN
        control.expire_tms()
        control.expire_simplify()
        with pytest.raises(portal.PortalAway, match="after two logins"):
            client.dashboard(stores[1], T, None)
    assert control.login_submissions == 2


def test_a_network_that_does_not_come_up_is_given_up(settings, simulator, stores):
    save_state(settings.storage_state, simulator.storage_state())

    assert "out of reach" in log_in(replace(settings, tms_base="http://127.0.0.1:9"), stores)


def test_a_frozen_browser_is_ended_with_all_its_processes(settings, control, stores, monkeypatch):
    """The driver is stopped in mid-air, as by an exhausted machine; its time-outs never come."""
    before = offspring()
    monkeypatch.setattr(browser_login, "MAX_STEPS", 1)
    control.add(Fault(Trouble.DELAY, Endpoint.HOME, seconds=30))
    reach_home = browser_login._SingleSignOn._reach_home

    def freeze(visit, page):
        for pid in offspring() - before:
            os.kill(pid, 19)
        reach_home(visit, page)

    monkeypatch.setattr(browser_login._SingleSignOn, "_reach_home", freeze)

    assert log_in(settings, stores) == str(LoginOutcome.BROWSER_FAILED.error())
    assert offspring() <= before
