"""The header lines of a mail as bytes: what is written is what every reader's program shows.

Python's own folding is not used: up to 3.13 it loses blanks of long subjects and makes several
addresses of a long display name with commas. Text that is not plain is encoded here as RFC 2047
says, in words of at most 75 characters that are cut between letters.

Pure.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping

from lib.notify.model.addresses import Address

#: RFC 5322 asks for lines of at most 78 characters.
MAX_LINE_CHARS = 76
#: RFC 2047: of one encoded word, with everything around its text.
MAX_WORD_CHARS = 75
_OPENING = "=?utf-8?q?"
_CLOSING = "?="
_FOLD = "\r\n "
#: Letters that mean themselves in an encoded word, also in the one of a display name.
_SAFE = re.compile(r"[A-Za-z0-9!*+/-]")
#: Text that needs no encoding: ASCII, one blank between words, nothing like an encoded word.
_PLAIN = re.compile(r"(?!.*=\?)[!-~]+(?: [!-~]+)*")
#: Text that a quoted string carries as it is.
_QUOTABLE = re.compile(r"(?!.*=\?)[ -~]+")
#: Of a display name in quotes: its line must stay under the 998 characters that servers take.
MAX_QUOTED_CHARS = 300
#: A display name that needs neither quotes nor encoding (RFC 5322: atoms and blanks).
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def block(fields: Mapping[str, str]) -> bytes:
    """Return the lines of `fields`, name to folded value, each ended by CRLF."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode("ascii")


def text(name: str, value: str) -> str:
    """Return `value` as the field `name` carries it: as it is, or in encoded words.

    It has no control character. Folded with CRLF and a blank.
    """
    if _PLAIN.fullmatch(value) and len(f"{name}: {value}") <= MAX_LINE_CHARS:
        return value

    return _FOLD.join(_encoded_words(value, room=MAX_WORD_CHARS - len(f"{name}: ")))


def mailboxes(addresses: Iterable[Address]) -> str:
    """Return a list of addresses as a field carries it, one a line.

    A display name is never folded: between the encoded words of one, Python up to 3.13 and programs
    made with it put a blank. One that would have to be folded is left out.
    """
    return f",{_FOLD}".join(map(_mailbox, addresses))


def _mailbox(address: Address) -> str:
    name = _display_name(address.display_name)
    return f"{name} <{address.mailbox}>" if name else address.mailbox


def _display_name(name: str) -> str:
    """Return a display name in one piece; empty if there is none or it would have to be folded."""
    if _ATOMS.fullmatch(name) and "=?" not in name:
        return name

    if _QUOTABLE.fullmatch(name) and len(name) <= MAX_QUOTED_CHARS:
        escaped = re.sub(r'(["\\])', r"\\\1", name)
        return f'"{escaped}"'

    in_letters = _OPENING + "".join(map(_encoded, name)) + _CLOSING
    in_base64 = f"=?utf-8?b?{base64.b64encode(name.encode()).decode()}{_CLOSING}"
    word = min(in_letters, in_base64, key=len)

    return word if name and len(word) <= MAX_WORD_CHARS else ""


def _encoded_words(value: str, room: int) -> list[str]:
    """Return `value` in encoded words; the first has at most `room` characters, being after a name.

    Programs join neighbouring words without the blank between them, so each blank of the value is
    inside a word.
    """
    words: list[str] = []
    current = _OPENING

    for letter in value:
        encoded = _encoded(letter)

        if len(current) + len(encoded) + len(_CLOSING) > room:
            words.append(current + _CLOSING)
            current = _OPENING
            room = MAX_WORD_CHARS

        current += encoded

    return [*words, current + _CLOSING]


def _encoded(letter: str) -> str:
    if letter == " ":
        return "_"

    if _SAFE.fullmatch(letter):
        return letter

    found = []

    for byte in letter.encode():
        found.append(f"={byte:02X}")

    return "".join(found)
