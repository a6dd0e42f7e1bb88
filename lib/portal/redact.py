"""An unknown page without what it may know about people: its skeleton, and only such words as are nobody's. Pure.

What is written out is an allow-list: element names, a few attributes, text that has been masked. Scripts, styles,
comments, values of fields and queries of addresses never come along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

_PRIVATE_TAGS = ("td", "li", "dd", "option", "textarea", "pre", "code", "output")
PRIVATE = ", ".join((*_PRIVATE_TAGS, "[contenteditable]", ".user_bit"))
"""Elements whose whole text is masked: where rows, lists and forms keep people's data. A CSS selector."""

_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "canvas", "video"})
_DEEPEST = 200
_WORD = re.compile(r"\S+")
_PLAIN = re.compile(r"[(\"']?[a-z]{1,20}(?:['-][a-z]{1,10})?[)\"'.,:;!?]*")
_KNOWN = frozenset(
    """
    Account Again Attempts Blocked Captcha Cloudflare Dashboard Daily Date Denied Error Expired Failed Forbidden Found
    Gateway Home Incorrect Internal Invalid Just Launch Log Login Maintenance Many Moment Name No Not Notice OTP
    Operations Partner Password Please Register Requests Security Server Service Session Sign Sorry Submit The This Too
    Tracker Unavailable Unknown User Username Verify We You Your
    """.split()
)
_ATTRIBUTES = ("class", "id", "name", "type")
_HARMLESS = re.compile(r"[A-Za-z_ -]{1,80}")
_STEP = re.compile(r"[a-z_.-]{1,30}")


def text(words: str, *, is_private: bool) -> str:
    """Mask letters and digits of every word that is not plain lower-case English or known from the site's chrome."""
    return _WORD.sub(lambda match: _masked(match[0], is_private=is_private), words)


def page(html: str) -> str:
    """Return the redacted page, one element or text a line, indented as it is nested. Never raises."""
    root = LexborHTMLParser(html).root
    return "\n".join(["<!doctype html>", *(_lines(root, 0, is_private=False) if root else ())]) + "\n"


def _masked(word: str, *, is_private: bool) -> str:
    if not is_private and (_PLAIN.fullmatch(word) or word.rstrip(".,:;!?") in _KNOWN):
        return word
    return "".join(_mask(character) for character in word)


def _mask(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return character if character.isascii() and character != "@" else "x"


def _lines(node: LexborNode, depth: int, *, is_private: bool) -> Iterator[str]:
    indent = " " * depth
    if node.is_text_node:
        if words := " ".join((node.text_content or "").split()):
            yield indent + escape(text(words, is_private=is_private), quote=False)
    elif node.is_element_node and node.tag not in _SKIPPED and depth < _DEEPEST:
        name = node.tag if node.tag and _STEP.fullmatch(node.tag.rstrip("123456")) else "div"
        yield f"{indent}<{name}{''.join(_attributes(node))}>"
        covered = is_private or node.tag in _PRIVATE_TAGS or _is_private(node)
        for child in node.iter(include_text=True):
            yield from _lines(child, depth + 1, is_private=covered)
        yield f"{indent}</{name}>"


def _is_private(node: LexborNode) -> bool:
    return "contenteditable" in node.attributes or "user_bit" in (node.attributes.get("class") or "").split()


def _attributes(node: LexborNode) -> Iterator[str]:
    for name in _ATTRIBUTES:
        if (value := node.attributes.get(name)) and _HARMLESS.fullmatch(value):
            yield f' {name}="{value}"'
    for name in ("href", "action"):
        if value := node.attributes.get(name):
            yield f' {name}="{_address(value)}"'


def _address(value: str) -> str:
    """Return the path, its odd steps masked; no host, no query, nothing of another scheme."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return "…"
    if parts.scheme not in {"", "http", "https"}:
        return "…"
    return "/".join(step if _STEP.fullmatch(step) or not step else "…" for step in parts.path.split("/"))
