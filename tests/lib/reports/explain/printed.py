"""What a page really prints, read back from its HTML: no list that somebody keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
LONG = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"(\d{{1,2}}(–\d{{1,2}})? ({MONTHS})\b( \d{{4}})?|({LONG}|{MONTHS}) \d{{4}}|\b\d{{1,2}}:\d{{2}}\b|\b1st\b|Week \d|\d{{4}}-\d{{2}}-\d{{2}}|--store \w+)"  # noqa: RUF001 - as it is printed
)
FIGURE = re.compile(r"[₹−]?\d[\d,.]*\d?%?|N/A")  # noqa: RUF001 - the minus sign as it is printed
BLOCKS = {"p", "li", "td", "th", "h2", "h3", "title"}
NO_FIGURES = {"header", "head", "colgroup", "thead"}
"""Names, headings of columns and what the PDF says about itself."""


@dataclass(frozen=True)
class Printed:
    """One text of the page; `label` is that of its tile or row, where it has one."""

    label: str
    text: str


def printed(html: str) -> list[Printed]:
    """Return every text of the page's body that can print a figure, but for the rows of its lists."""
    body = ET.fromstring(html.partition("<html")[1] + html.partition("<html")[2]).find("body")
    return list(_walk(body, ""))


def _walk(element, label):
    name = element.tag.rpartition("}")[2]
    kinds = element.get("class", "").split()
    if name in NO_FIGURES or "page-footer" in kinds:
        return
    if name == "tr" and _is_row_of_a_list(element):
        return
    if name == "tr":
        cells = list(element)
        # What a list adds up to stands below its rows, under the name of the list.
        label = "" if "total" in kinds else _own_text(cells[0])
        yield from _texts(cells[0], label, without=label)
        for cell in cells[1:]:
            yield from _walk(cell, label)
        return
    if "tile" in kinds:
        heading, *rest = list(element)
        label = _text(heading)
        yield from (each for one in rest for each in _walk(one, label))
        return
    if name == "svg":
        # Its title states the figures; the rest are those of the drawing and of its axis.
        yield Printed("", " ".join(element[0].text.split()))
        return
    if name in BLOCKS:
        yield from _texts(element, label)
        return
    for child in element:
        yield from _walk(child, label)


def _is_row_of_a_list(row):
    """Rows of the lists are customers'; their last one, the total, is a figure."""
    return any("tick" in cell.get("class", "").split() for cell in row) or any(
        "nothing" in cell.get("class", "").split() for cell in row
    )


def _texts(element, label, without=""):
    text = _text(element).removeprefix(without).strip()
    if text:
        yield Printed(label, text)


def _own_text(element):
    return " ".join((element.text or "").split())


def _text(element):
    return " ".join("".join(element.itertext()).split())


def unexplained(text: str, terms) -> list[str]:
    """Return the figures of a text that no term states, dates left out."""
    text = DATE.sub("#", text)
    for term in sorted({DATE.sub("#", term) for term in terms if term}, key=len, reverse=True):
        text = re.sub(rf"(?<![\d,.₹−]){re.escape(term)}(?![\d%]|[,.]\d)", "#", text)  # noqa: RUF001 - the minus sign as it is printed
    return FIGURE.findall(text)
