"""Sends an alert over whatever service ALERT_URLS name: the only importer of Apprise."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Sequence
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from lib import log

#: For all channels together, from the first one's start. A channel that needs longer, such as one
#: that answers a byte a second, counts as one that did not take the message.
PATIENCE_S = 20.0


class AlertKind(Enum):
    """What an alert says; the value is Apprise's word for it.

    On-call services page people for failures only.
    """

    FAILURE = "failure"
    #: Something will be late unless a person acts.
    WARNING = "warning"
    RECOVERY = "success"


class _Sending:
    """One channel at work in a thread that is not waited for for ever."""

    def __init__(
        self,
        url: str,
        title: str,
        text: str,
        kind: AlertKind,
    ) -> None:
        self.scheme = urlsplit(url).scheme
        self.is_taken = False
        self._message = {
            "title": title,
            "body": text,
            "notify_type": kind.value,
        }
        self._channel = _channel(url)
        # A daemon: the process ends although a channel still sends its answer.
        self._thread = threading.Thread(
            target=self._send,
            name="alert channel",
            daemon=True,
        )

    def start(self) -> None:
        self._thread.start()

    def wait(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _send(self) -> None:
        if self._channel is not None:
            # Apprise answers with an object whose truth says it.
            self.is_taken = bool(self._channel.notify(**self._message, body_format="text"))


def send(
    urls: Sequence[str],
    title: str,
    text: str,
    kind: AlertKind,
    *,
    patience_s: float = PATIENCE_S,
) -> bool:
    """Send the message over all channels side by side; return True if at least one took it.

    Takes `patience_s` at most. A channel that fails is named by its kind only: its URL holds a
    token.
    """
    with warnings.catch_warnings():
        # Its plug-ins, read at the first use, still look for modules that newer Pythons deprecate.
        warnings.simplefilter("ignore", DeprecationWarning)
        sendings = []

        for url in urls:
            sendings.append(_Sending(url, title, text, kind))

        until = time.monotonic() + patience_s

        for one in sendings:
            one.start()

        for one in sendings:
            one.wait(max(until - time.monotonic(), 0.0))

    taken = [one for one in sendings if one.is_taken]

    for one in sendings:
        if one not in taken:
            log.warning(f"the alert channel {one.scheme} did not take the message")

    return bool(taken)


def _channel(url: str) -> Any:
    """Return Apprise for one URL; None if it makes nothing of it."""
    import apprise

    channel = apprise.Apprise()
    return channel if channel.add(url) else None
