"""Where a dashboard keeps its title, its sections and their cells.

Pure: HTML in, texts out (docs/reference/domain.md#dashboard-page).
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
_LONGEST_TITLE = 2_000
#: Headings and tables of a page that are looked at; a dashboard has some twenty.
_MOST_NODES = 200
_CARDS = ("section", "article")


@dataclass(frozen=True)
class Section:
    """One heading and the rows of its own table, cell by cell; no rows where it has no table."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


class Page:
    """One parsed page."""

    def __init__(self, html: str) -> None:
        self._tree = LexborHTMLParser(html)

    def title_lines(self) -> list[str] | None:
        """Return the visible lines of the title, without blank ones; None when there is no title."""
        node = self._tree.css_first(facts.TITLE)
        return None if node is None else _lines(node)

    def launch_text(self) -> str | None:
        """Return the text beside the launch date's heading; None when the page has no such heading or text."""
        for heading in self._tree.css(facts.SECTION_TITLE):
            if facts.LAUNCH_DATE in _text(heading).casefold():
                values = (sibling for sibling in _after(heading) if sibling.tag == "p")
                return next((_text(value) for value in values), None)

        return None

    def linked_codes(self) -> set[str]:
        """Return the store codes for which the page offers downloads, upper-case."""
        hrefs = (
            link.attributes.get("href") or "" for link in self._tree.css("a[href*='download']")
        )
        return {code.upper() for href in hrefs for code in _codes(href)}

    def sections(self) -> Iterator[Section]:
        """Yield every section in the order of the page."""
        found = self._tree.css(f"{facts.SECTION_TITLE}, {facts.SECTION_TABLE}")
        for node, following in pairwise([*found[:_MOST_NODES], None]):
            if node is not None and node.tag == "h3":
                table = following if following is not None and _owns(node, following) else None
                yield Section(_text(node), tuple(_rows(table)) if table is not None else ())


def _codes(href: str) -> list[str]:
    try:
        return parse_qs(urlsplit(href).query).get("store_code", [])
    except ValueError:
        return []


def _owns(heading: LexborNode, table: LexborNode) -> bool:
    """Say whether the table is the heading's: in the same card, or, where there is no card, beside it."""
    if table.tag != "table":
        return False

    card = _card(heading)
    if card is not None:
        return any(node.mem_id == card.mem_id for node in _ancestors(table))

    beside = {node.mem_id for node in _after(heading)}
    return any(node.mem_id in beside for node in (table, *_ancestors(table)))


def _card(node: LexborNode) -> LexborNode | None:
    return next(
        (above for above in _ancestors(node) if above.tag in _CARDS or "card" in _classes(above)),
        None,
    )


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


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
    return (
        node.parent is not None and sum(child.is_element_node for child in node.parent.iter()) == 1
    )


def _rows(table: LexborNode) -> Iterator[tuple[str, ...]]:
    for row in table.css("tr"):
        if cells := tuple(_text(cell) for cell in row.iter() if cell.tag in {"td", "th"}):
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

    text = "".join(parts)[:_LONGEST_TITLE]
    return [" ".join(line.split()) for line in re.split(r"[\r\n]+", text) if line.strip()]
