"""Where a dashboard keeps its title, its sections and their cells.

Pure: HTML in, texts out. Source: docs/reference/domain.md#dashboard-page, #dashboard-layouts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lib.portal.site import facts

_BREAKS = frozenset({"br", "p", "div", "small", "li", "tr", "td"})
_MAX_TITLE_CHARS = 2_000

#: Headings and tables of a page that are looked at; a dashboard has some twenty.
_MAX_NODES = 200
_CARDS = ("section", "article")


@dataclass(frozen=True)
class Section:
    """One heading and the rows of its own table, cell by cell; no rows where it has no table."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


class DashboardPage:
    """One parsed page."""

    def __init__(self, html: str) -> None:
        self._tree = LexborHTMLParser(html)

    def title_lines(self) -> list[str] | None:
        """Return the visible lines of the title, without blank ones; None if there is no title."""
        node = self._tree.css_first(facts.TITLE)
        return None if node is None else _lines(node)

    def launch_text(self) -> str | None:
        """Return the text beside the launch date's heading; None without such a heading or text."""
        for heading in self._tree.css(facts.SECTION_TITLE):
            if facts.LAUNCH_DATE not in _text(heading).casefold():
                continue

            for sibling in _after(heading):
                if sibling.tag == "p":
                    return _text(sibling)

            return None

        return None

    def linked_codes(self) -> set[str]:
        """Return the store codes for which the page offers downloads, upper-case."""
        codes: set[str] = set()

        for link in self._tree.css("a[href*='download']"):
            href = link.attributes.get("href") or ""
            codes.update(code.upper() for code in _codes(href))

        return codes

    def sections(self) -> Iterator[Section]:
        """Yield every section in the order of the page."""
        found = self._tree.css(f"{facts.SECTION_TITLE}, {facts.SECTION_TABLE}")

        for node, following in pairwise([*found[:_MAX_NODES], None]):
            if node is None or node.tag != "h3":
                continue

            if following is not None and _owns(node, following):
                yield Section(_text(node), tuple(_rows(following)))
            else:
                yield Section(_text(node), ())


def _codes(href: str) -> list[str]:
    try:
        return parse_qs(urlsplit(href).query).get("store_code", [])
    except ValueError:
        return []


def _owns(heading: LexborNode, table: LexborNode) -> bool:
    """Return True if the table is the heading's: in its card, or beside it where there is none."""
    if table.tag != "table":
        return False

    card = _card(heading)
    if card is not None:
        return any(node.mem_id == card.mem_id for node in _ancestors(table))

    beside = {node.mem_id for node in _after(heading)}
    return any(node.mem_id in beside for node in (table, *_ancestors(table)))


def _card(node: LexborNode) -> LexborNode | None:
    for above in _ancestors(node):
        classes = (above.attributes.get("class") or "").split()

        if above.tag in _CARDS or "card" in classes:
            return above

    return None


def _ancestors(node: LexborNode) -> Iterator[LexborNode]:
    above = node.parent

    while above is not None:
        yield above
        above = above.parent


def _after(heading: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements that follow the heading, or its wrapper when it is alone in one."""
    node = heading
    while node.parent is not None and node.parent.tag == "div" and _is_alone(node):
        node = node.parent

    while (following := node.next) is not None:
        node = following

        if node.is_element_node:
            yield node


def _is_alone(node: LexborNode) -> bool:
    if node.parent is None:
        return False

    return sum(child.is_element_node for child in node.parent.iter()) == 1


def _rows(table: LexborNode) -> Iterator[tuple[str, ...]]:
    for row in table.css("tr"):
        cells = tuple(_text(cell) for cell in row.iter() if cell.tag in {"td", "th"})

        if cells:
            yield cells


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def _lines(node: LexborNode) -> list[str]:
    parts = []

    for part in node.traverse(include_text=True):
        if part.is_text_node:
            parts.append(part.text_content or "")
        elif part.tag in _BREAKS:
            parts.append("\n")

    text = "".join(parts)[:_MAX_TITLE_CHARS]
    lines = []

    for line in re.split(r"[\r\n]+", text):
        if words := line.split():
            lines.append(" ".join(words))

    return lines
