"""What must never come out, in whatever spelling.

Found by looking at a text as a clever reader would.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, unquote

from demo.portal import RunningPortal
from demo.portal.exports import Export, rows_of
from demo.portal.faults import Endpoint
from lib.model import Bucket

NAME = "Vasundhara Quillmeer"
DEVANAGARI = "वसुन्धरा क्विलमीर"
PHONE = "5987650123"
INSTRUCTION = "Leave it with the grandmother downstairs"
PASSWORD = "Zq7!hunter2#%41/@:x"
TOKEN = "tok3n9f27c1e5"
PLANTED = frozenset(
    {
        "vasundhara",
        "quillmeer",
        "वसुन्धरा",
        "क्विलमीर",
        PHONE,
        "grandmother downstairs",
        "hunter2",
        TOKEN,
    }
)
"""The rarest part of each, in lower case."""

PERSONAL = (
    "customer_name",
    "mobile_number",
    "mobile_no",
    "special_instruction",
    "Mobile No.",
    "Mobile No",
)
SESSION = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
"""The shape of each of the simulator's session ids and hop tokens."""
_APART = re.compile(r"(?<=\d)[ \-().\u00a0]{1,2}(?=\d)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_SHORTEST = 6


@dataclass(frozen=True)
class Canaries:
    """Texts in lower case; `found_in` looks for each in every spelling it knows."""

    texts: frozenset[str]

    @classmethod
    def of(cls, portal: RunningPortal) -> Canaries:
        """Return all that the portal knows about people, the planted ones, and its password."""
        rows = [
            row
            for export in (Export[Endpoint(bucket).name] for bucket in Bucket)
            for store in portal.world.by_code.values()
            for row in rows_of(portal.world, export, store, portal.control.today)
        ]
        said = {row[name].casefold() for row in rows for name in PERSONAL if name in row}
        return cls(
            PLANTED
            | {text for text in said if len(text) >= _SHORTEST}
            | {portal.password.casefold()}
        )

    def found_in(self, said: str | bytes, *, sessions: bool = True) -> list[str]:
        """Return the canaries that `told` holds.

        `sessions`: also whatever looks like a session id of the portal.
        """
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        views = list(_views(text))
        found = {canary for canary in self.texts if any(canary in view for view in views)}
        return sorted(found | set(SESSION.findall(text) if sessions else ()))


def spellings(text: str) -> Iterator[str]:
    """Yield ways in which software writes a text down."""
    yield from (
        text,
        text.upper(),
        text.lower(),
        quote(text),
        html.escape(text),
        repr(text.encode()),
    )
    yield "".join(f"\\u{ord(character):04x}" for character in text)
    yield base64.b64encode(f"user:{text}".encode()).decode()
    if text.isdigit():
        yield from (
            f"+91 {text[:5]} {text[5:]}",
            f"{text[:3]}-{text[3:6]}-{text[6:]}",
            f"0{text}",
            f"({text[:4]}) {text[4:]}",
        )


def _views(text: str) -> Iterable[str]:
    """Yield the text as it is and without each of its disguises, all in lower case."""
    yield text.casefold()
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), html.unescape(unquote(text)))
    yield plain.casefold()
    yield _bytes_unescaped(plain).casefold()
    yield _APART.sub("", plain)
    for word in set(_BASE64.findall(text)):
        with suppress(ValueError, binascii.Error):
            yield (
                base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_")
                .decode("utf-8", "ignore")
                .casefold()
            )


def _bytes_unescaped(text: str) -> str:
    r"""Read `b'\xe0\xa4'` as the letters that the bytes stand for."""
    if "\\x" not in text:
        return text
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), text.encode())
    return raw.decode("utf-8", "replace")
