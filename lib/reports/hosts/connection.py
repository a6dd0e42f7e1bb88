"""Where a run may draw beside this host, and what it says when it may not.

Nothing that is wrong with worker hosts ends a run: it warns once, and this host draws.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lib import errors, log
from lib.errors import ExitCode
from lib.model import Phase
from lib.plural import counted
from lib.reports.hosts import client, release, remote
from lib.reports.hosts.client import Offer
from lib.reports.hosts.remote import Loss, Remote

if TYPE_CHECKING:
    from lib.config import DrawSettings, Settings
    from lib.reports.hosts.engine import Client

#: How often a run looks whether hosts are left.
LOOK_EVERY_S = 1.0
#: Then a scheduler is silent; in a busy run an answer may take seconds.
SILENT_AFTER_S = 10.0


@contextmanager
def places(settings: Settings, most: int) -> Iterator[Sequence[Remote]]:
    """Yield room for pages on worker hosts of this release, `most` at most.

    None, with a warning, where none can be had. Until the end of the block the hosts are looked
    after, and lost for good with the first thing that is wrong with all of them.
    """
    try:
        own = release.of_this_host(settings.pdf)
        connected, processes = _found(settings.draw, own)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with worker hosts, this one draws
        _warn_alone(errors.describe(error))
        yield []
        return

    try:
        if processes:
            with _watched(connected, own) as loss:
                executor = connected.get_executor(
                    pure=False,
                    retries=0,
                    resources={release.resource(own): 1},
                )

                yield remote.places(executor, loss, processes=processes, most=most)
        else:
            yield []
    finally:
        client.close(connected)


def expect(settings: Settings, hosts: int) -> ExitCode:
    """Log which hosts offer what now; return 75 if fewer than expected draw with this release.

    Raise TemporaryError if the scheduler cannot be asked, ConfigurationError if this host cannot.
    """
    own = release.of_this_host(settings.pdf)
    connected = client.connected(settings.draw)

    try:
        found = client.offers(connected)
    finally:
        client.close(connected)

    for offer in found:
        log.info(
            f"{offer.host} draws with {counted(offer.processes, 'process', 'processes')},"
            f" release {offer.release}"
        )

    there = sum(offer.release == own for offer in found)
    text = f"{there} of {hosts} expected hosts draw with release {own}"

    if there < hosts:
        log.error(f"{text}; look at jobs.draw on the others")
        return ExitCode.TEMPORARY

    log.ok(text)
    return ExitCode.OK


def _found(settings: DrawSettings, own: str) -> tuple[Client, int]:
    """Return a client of the scheduler, and how many processes draw for this release."""
    connected = client.connected(settings)

    try:
        return connected, _usable(client.offers(connected), own)
    except BaseException:
        client.close(connected)
        raise


def _usable(found: Sequence[Offer], own: str) -> int:
    """Return how many processes draw for this release; say which hosts do not."""
    same = [offer for offer in found if offer.release == own]
    others = sorted(offer.host for offer in found if offer.release != own)
    processes = sum(offer.processes for offer in same)

    if processes:
        log.info(
            f"drawing on {counted(len(same), 'worker host')}"
            f" with {counted(processes, 'process', 'processes')}"
        )

    if others:
        log.warning(
            f"another release is on {', '.join(others)}, which gets no page: {own} is drawn here;"
            " bring the same image to every host"
        )
    elif not processes:
        _warn_alone("no worker host is there; look at jobs.draw on them")

    return processes


@contextmanager
def _watched(connected: Client, own: str) -> Iterator[Loss]:
    """Yield what is declared once no host of this release is left, or the scheduler is silent."""
    loss = Loss()
    is_over = threading.Event()

    watch = threading.Thread(
        target=_watch,
        args=(connected, own, loss, is_over),
        daemon=True,
        name="worker-hosts",
    )
    watch.start()

    try:
        yield loss
    finally:
        is_over.set()


def _watch(
    connected: Client,
    own: str,
    loss: Loss,
    is_over: threading.Event,
) -> None:
    with log.phase_of_thread(Phase.REPORT):
        while not is_over.wait(LOOK_EVERY_S):
            try:
                found = client.offers(connected, SILENT_AFTER_S)
                is_left = any(offer.release == own for offer in found)
                reason = "none of this release is left"
            except Exception as error:  # noqa: BLE001 - whatever it is, no page comes back
                is_left = False
                reason = errors.describe(error)

            if is_over.is_set():
                return

            if not is_left:
                loss.declare(reason)
                return


def _warn_alone(reason: str) -> None:
    log.warning(f"drawing here alone: {reason}")
