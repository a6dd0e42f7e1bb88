"""E-mail addresses: checked before they get near a header, masked before they get near a log.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class InvalidAddress(ValueError):
    """The text is not one mailbox; the message says what is wrong and never quotes it."""


@dataclass(frozen=True)
class Address:
    """One mailbox: safe to put into a header and an envelope."""

    mailbox: str
    display_name: str = ""

    @property
    def domain(self) -> str:
        return self.mailbox.rpartition("@")[2].lower()

    def __str__(self) -> str:
        return masked(self.mailbox)


def checked(mailbox: str, display_name: str | None = None) -> Address:
    """Return the address, trimmed.

    Raise InvalidAddress if it has a line break, is a list, has a letter beyond ASCII or is no
    mailbox for another reason.
    """
    mailbox, name = mailbox.strip(), (display_name or "").strip()
    if has_control(mailbox) or has_control(name):
        raise InvalidAddress("it has a line break or another control character")

    if (
        not _ADDRESS.fullmatch(mailbox)
        or ".." in mailbox
        or mailbox.startswith(".")
        or ".@" in mailbox
    ):
        raise InvalidAddress("it is not one plain address")

    return Address(mailbox, name)


def sender(text: str) -> Address:
    """Return the address of REPORT_EMAIL_FROM, with or without a name.

    Raise InvalidAddress if it is not one address.
    """
    if has_control(text):
        raise InvalidAddress("it has a line break or another control character")

    name, mailbox = parseaddr(text)
    return checked(mailbox, name)


def has_control(text: str) -> bool:
    """Return True if `text` could end a header line or hide something in it."""
    return bool(_CONTROL.search(text))


def distinct(
    addresses: Iterable[Address],
    *,
    taken: Iterable[Address] = (),
) -> tuple[Address, ...]:
    """Return each mailbox once, the first of each, without those in `taken`.

    Letter case does not make a difference.
    """
    seen = {address.mailbox.casefold() for address in taken}
    fresh: dict[str, Address] = {}

    for address in addresses:
        key = address.mailbox.casefold()
        if key not in seen:
            fresh.setdefault(key, address)

    return tuple(fresh.values())


def masked(mailbox: str) -> str:
    """Return `s…@example.invalid` for `store-a668@example.invalid`.

    Enough to recognise a reader, too little to write to.
    """
    local, _, domain = mailbox.rpartition("@")
    return f"{local[:1]}…@{domain}"
