"""A client of the scheduler of worker hosts: connected, asked, closed; none of it takes long."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from lib.errors import ConfigurationError, TemporaryError
from lib.reports.hosts import release

if TYPE_CHECKING:
    from lib.config import DrawSettings
    from lib.reports.hosts.engine import Client

#: Of a scheduler that is connected to, or asked for the first time.
ANSWER_TIMEOUT_S = 5
#: Of the farewell: a run that was told to stop has few seconds.
CLOSE_TIMEOUT_S = 2


@dataclass(frozen=True)
class Offer:
    """What one worker host offers."""

    #: Its address, without the port.
    host: str
    release: str
    processes: int


def connected(settings: DrawSettings) -> Client:
    """Return a client of the scheduler; raise JobError, in words, if there is none."""
    try:
        from lib.reports.hosts import engine
    except ImportError as error:
        raise ConfigurationError(
            f"the package {error.name} is not installed; install the extra `hosts`, or unset"
            " DRAW_SCHEDULER"
        ) from error

    engine.quiet()
    security = engine.security(settings)

    try:
        return engine.Client(
            settings.scheduler,
            timeout=ANSWER_TIMEOUT_S,
            security=security,
            set_as_default=False,
            direct_to_workers=False,
        )
    except (OSError, ValueError, AssertionError, ImportError) as error:
        # A closed client, an answer that is none, another version: Dask knows no error of its own.
        raise TemporaryError(
            f"DRAW_SCHEDULER {settings.scheduler} {_why(error)}; look at jobs.draw_scheduler there"
        ) from error


def offers(client: Client, timeout_s: float = ANSWER_TIMEOUT_S) -> list[Offer]:
    """Return what each host offers; raise TemporaryError if the scheduler does not answer."""
    scheduler: Any = client.scheduler

    try:
        answer = client.sync(
            scheduler.identity,
            n_workers=-1,
            callback_timeout=timeout_s,
        )
    except (OSError, AttributeError, RuntimeError) as error:
        raise TemporaryError(f"their scheduler does not answer ({_kind(error)})") from error

    found = []

    for worker in answer["workers"].values():
        for name, processes in worker["resources"].items():
            if name.startswith(release.PREFIX):
                offer = Offer(worker["host"], name.removeprefix(release.PREFIX), int(processes))
                found.append(offer)

    return found


def close(client: Client) -> None:
    """Leave; never raises an Exception."""
    # Of a scheduler that is gone or frozen there is nothing to take leave of.
    with suppress(Exception):
        client.close(timeout=CLOSE_TIMEOUT_S)


#: What OpenSSL says of an answer that is no TLS.
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")


def _why(error: BaseException) -> str:
    """Return what the scheduler did, in words that the system or we chose."""
    cause: BaseException | None = error

    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "has a certificate that DRAW_TLS_CA did not make, or that has expired"

        if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or ""):
            return "refuses the certificate of DRAW_TLS_CERT"

        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            return "is no scheduler: it does not speak TLS"

        # What an SSLError has as errno is a number of OpenSSL's.
        if _is_of_system(cause):
            return f"cannot be reached ({os.strerror(cause.errno or 0)})"

        cause = cause.__cause__ or cause.__context__

    # Who refuses a certificate in TLS 1.3 may just end the connection.
    return (
        f"does not answer within {ANSWER_TIMEOUT_S} s, or refuses the certificate of DRAW_TLS_CERT"
    )


def _is_of_system(error: BaseException) -> TypeGuard[OSError]:
    """Return whether the system said it, with a number of its own."""
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):
        return False

    return error.errno is not None and error.errno > 0


def _kind(error: BaseException) -> str:
    return type(error).__name__
