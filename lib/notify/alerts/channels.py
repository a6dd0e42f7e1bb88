"""The door to Apprise: tells people over whatever service ALERT_URLS name."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from urllib.parse import urlsplit

from lib import log


def tell(urls: Iterable[str], title: str, text: str) -> bool:
    """Send the message over each channel; True when at least one took it.

    Bounded in time by Apprise, some seconds a channel. A channel that fails is named by its kind
    only: its URL holds a token.
    """
    taken = False

    for url in urls:
        if _take(url, title, text):
            taken = True
        else:
            log.warning(f"the alert channel {urlsplit(url).scheme} did not take the message")

    return taken


def _take(url: str, title: str, text: str) -> bool:
    with warnings.catch_warnings():
        # Its plug-ins, read at the first use, still look for modules that newer Pythons deprecate.
        warnings.simplefilter("ignore", DeprecationWarning)
        import apprise

        channel = apprise.Apprise()

        return channel.add(url) and bool(
            channel.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        )
