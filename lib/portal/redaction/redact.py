"""A page without possible personal data: its skeleton, and words of an allow-list. Pure.

Only element names, a few attributes and masked text are written out. Scripts, styles, comments,
values of fields and queries of addresses are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lib.portal.redaction.vocabulary import VOCABULARY
from lib.portal.site import html_limits

_PRIVATE_TAGS = ("td", "li", "dd", "option", "textarea", "pre", "code", "output")

#: Elements whose whole text is masked: where rows, lists and forms hold personal data. A CSS
#: selector.
PRIVATE = ", ".join((*_PRIVATE_TAGS, "[contenteditable]", ".user_bit"))

_SKIPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "canvas",
        "video",
    }
)
_MAX_DEPTH = 200

_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[(\"']?(?P<words>[A-Za-z]+(?:-[A-Za-z]+)?)[)\"'.,:;!?]*")
_PART = re.compile(r"[a-z]+")

_HEADER = re.compile(r"[A-Za-z0-9 _.,:;>%()/&#+-]*")
_HEADER_DIGITS = 2
_HEADER_CHARS = 40

_ATTRIBUTES = ("class", "id", "name", "type")
_HARMLESS = re.compile(r"[A-Za-z_ -]{1,80}")
_ELEMENTS = frozenset(
    """
    a abbr address article aside b body br button caption center code col colgroup dd div dl dt em
    fieldset footer form h1 h2 h3 h4 h5 h6 head header hr html i img input label legend li link main
    meta nav ol option output p pre section select small span strong sub sup table tbody td textarea
    tfoot th thead title tr u ul
    """.split()
)

_STEP = re.compile(r"[a-z_.-]{1,30}")
_PATHS = frozenset({"mis", "client", "register", "partner_dashboard", "download_csv"})


def text(words: str, *, is_private: bool) -> str:
    """Return `words` with letters and digits masked in each word that is not in the vocabulary."""
    return _WORD.sub(
        lambda match: _masked(
            match[0],
            is_private=is_private,
        ),
        words,
    )


def header(words: str) -> str:
    """Return a header in quotes; unknown words are masked, because it may be a row of data."""
    return repr(safe_header(words))


def safe_header(words: str) -> str:
    """Return a column's header as it may be stored and shown, cut to 40 characters.

    Words that are no header's are masked: a header line that is torn by a stray quote holds rows of
    customers.
    """
    printable = "".join(character for character in words if character.isprintable())
    return _WORD.sub(_header_word, printable[:_HEADER_CHARS])


def page(html: str) -> str:
    """Return the redacted page, one element or text a line, indented as it is nested.

    Never raises.
    """
    if not html_limits.is_readable(html.encode("utf-8", errors="replace")):
        return "<!doctype html>\n<p>too large or too tangled to be kept\n"

    lines = ["<!doctype html>"]
    root = LexborHTMLParser(html).root

    if root:
        lines += _lines(root, 0, is_private=False)

    return "\n".join(lines) + "\n"


def _masked(word: str, *, is_private: bool = True) -> str:
    if not is_private:
        plain = _PLAIN.fullmatch(word)
        if plain and _is_known(plain["words"]):
            return word

    return "".join(map(_mask, word))


def _is_known(word: str) -> bool:
    return all(part in VOCABULARY for part in _PART.findall(word.lower()))


def _header_word(match: re.Match[str]) -> str:
    """Return a word of a header, masked unless it is known.

    Known words may come with single letters and short numbers, as in `Undel.`, `(6`, `H1` and
    `pickup_row_id`.
    """
    word = match[0]
    digits = sum(character.isdigit() for character in word)

    if not _HEADER.fullmatch(word) or digits > _HEADER_DIGITS:
        return _masked(word)

    parts = _PART.findall(word.lower())
    is_known = all(part in VOCABULARY or len(part) == 1 for part in parts)

    return word if is_known else _masked(word)


def _mask(character: str) -> str:
    if character.isdigit():
        return "0"

    if character.isalpha():
        return "X" if character.isupper() else "x"

    return character if character.isascii() and character != "@" else "x"


def _lines(
    node: LexborNode,
    depth: int,
    *,
    is_private: bool,
) -> Iterator[str]:
    indent = " " * depth

    if node.is_text_node:
        words = " ".join((node.text_content or "").split())
        if words:
            yield indent + escape(
                text(
                    words,
                    is_private=is_private,
                ),
                quote=False,
            )

        return

    if not node.is_element_node or node.tag in _SKIPPED or depth >= _MAX_DEPTH:
        return

    name = node.tag if node.tag in _ELEMENTS else "div"
    yield f"{indent}<{name}{''.join(_attributes(node))}>"

    covered = is_private or _is_private(node)

    for child in node.iter(include_text=True):
        yield from _lines(child, depth + 1, is_private=covered)

    yield f"{indent}</{name}>"


def _is_private(node: LexborNode) -> bool:
    if node.tag in _PRIVATE_TAGS or "contenteditable" in node.attributes:
        return True

    return "user_bit" in (node.attributes.get("class") or "").split()


def _attributes(node: LexborNode) -> Iterator[str]:
    for name in _ATTRIBUTES:
        value = node.attributes.get(name)
        if value and _HARMLESS.fullmatch(value):
            yield f' {name}="{value}"'

    for name in ("href", "action"):
        value = node.attributes.get(name)
        if value:
            yield f' {name}="{_address(value)}"'


def _address(value: str) -> str:
    """Return the path, its unknown steps masked; no host, no query, nothing of another scheme."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "…"

    if parts.scheme not in {"", "http", "https"}:
        return "…"

    found = []

    for step in parts.path.split("/"):
        found.append(step if _is_step(step) else "…")

    return "/".join(found)


def _is_step(step: str) -> bool:
    if not step or step in _PATHS:
        return True

    return bool(_STEP.fullmatch(step)) and _is_known(step)
