"""What no file of this repository may hold, now or in any commit.

People's data and secrets, by their shape. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Rule(NamedTuple):
    """A shape, and which of its finds are nobody's."""

    name: str
    shape: re.Pattern[str]
    is_harmless: Callable[[str], bool]
    sign: str = ""
    """What each find holds and nearly no line does; a find is then within one line."""


SYNTHETIC_PHONES = ("90000000", "987654321", "9123456789", "99999")
"""Beginnings of the mobile numbers that tests and findings use.

The demo's begin with 5, as no Indian one does.
"""
SYNTHETIC_GSTINS = {"29AAAAA0000A1Z5"}
NOBODYS = re.compile(
    r"(?:.*\.)?(?:invalid|example|test|localhost|example\.(?:com|org|net)|b\.in)|127(?:\.\d+){3}"
    r"|[\w.]+\.(?:service|timer|socket|d)(?:\.(?:state|on|next|enabled))?",
    re.IGNORECASE,
)
"""Domains that are reserved for examples, and units of systemd with what is known of them, which look like addresses."""
RANDOM = re.compile(r"(?=(?:[A-Za-z_-]*[0-9]){3})(?=(?:[0-9_-]*[A-Za-z]){3})[A-Za-z0-9_-]{12,}")
"""A long word with at least three digits and three letters of its own."""


def _is_synthetic_phone(text: str) -> bool:
    return re.sub(r"\D", "", text)[-10:].startswith(SYNTHETIC_PHONES)


def _is_nobodys_address(text: str) -> bool:
    return bool(NOBODYS.fullmatch(text.rpartition("@")[2]))


def _is_no_secret(text: str) -> bool:
    return not RANDOM.search(re.split("[=:]", text, maxsplit=1)[1])


RULES = (
    Rule(
        "an Indian mobile number",
        re.compile(r"(?<![\w.+-])(?:\+?91[ -]?|0)?[6-9]\d{4}[ -]?\d{5}(?![\w.-])"),
        _is_synthetic_phone,
    ),
    Rule(
        "somebody's address",
        # A top-level domain begins with a letter: `package@2.37.3` names a release.
        re.compile(r"[\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]+"),
        _is_nobodys_address,
        sign="@",
    ),
    Rule(
        "a tax number",
        re.compile(r"\b\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]\b"),
        SYNTHETIC_GSTINS.__contains__,
    ),
    Rule(
        "a secret of ours",
        re.compile(
            r"\b(?:DATABASE_URL|TD_\w+_PASSWORD|REPORT_EMAIL_SMTP_PASSWORD|ALERT_URLS|RETURNS_IMAP_URL|HEALTHCHECK_URL_\w+)"
            r"[\"']?\s*[=:]\s*[^\s,]{8,}"
        ),
        _is_no_secret,
    ),
    Rule(
        "a cookie of the portal",
        re.compile(r"\b(?:ci_session|csrf_cookie_name|supporttkn)\b.{1,40}?[0-9a-f]{20,}"),
        lambda _: False,
    ),
)


def broken(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each rule that a line breaks, and the line's number.

    Never what is there.
    """
    for rule in RULES:
        for number, found in _finds(rule, text):
            if not rule.is_harmless(found):
                yield rule.name, f"line {number}"


def _finds(rule: Rule, text: str) -> Iterator[tuple[int, str]]:
    """Yield each find with the number of its line."""
    if not rule.sign:
        for match in rule.shape.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[0]

        return

    for number, line in enumerate(text.split("\n"), 1):
        if rule.sign in line:
            for found in rule.shape.findall(line):
                yield number, found
