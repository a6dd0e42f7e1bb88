"""What a page really prints, read back from its HTML: no list that somebody keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
LONG = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"(\d{{1,2}}(–\d{{1,2}})? ({MONTHS})\b( \d{{4}})?|({LONG}|{MONTHS}) \d{{4}}|\b\d{{1,2}}:\d{{2}}\b|\b1st\b|Week \d|\d{{4}}-\d{{2}}-\d{{2}}|--store \w+|--period [\w-]+)"  # noqa: RUF001 - as it is printed
)
FIGURE = re.compile(r"(?<![A-Za-z\d])[₹−]?\d[\d,.]*\d?%?|N/A")  # noqa: RUF001 - the minus sign as it is printed
BLOCKS = {"p", "li", "td", "th", "h1", "h2", "h3", "title"}
NO_FIGURES = {"head", "colgroup", "thead"}
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
    if name in NO_FIGURES or "page-footer" in kinds or _is_row_of_a_list(name, element):
        return
    if name == "header":
        # The rest of it are codes, days and instants.
        yield from _texts(next(element.iter(_sibling(element, "h1"))), label)
    elif name == "tr":
        yield from _row(element, kinds)
    elif "tile" in kinds:
        heading, *rest = list(element)
        yield from (each for one in rest for each in _walk(one, _text(heading)))
    elif name == "svg":
        # Its title states the figures; the rest are those of the drawing and of its axis.
        yield Printed("", " ".join(element[0].text.split()))
    elif name in BLOCKS:
        yield from _texts(element, label)
    else:
        yield from (each for child in element for each in _walk(child, label))


def _row(element, kinds):
    """Yield the texts of a row under its first cell's; that is no label where it stands alone.

    What a list adds up to stands below its rows, under the name of the list.
    """
    first, *rest = list(element)
    label = _own_text(first) if rest and "total" not in kinds else ""
    yield from _texts(first, label, without=label)
    for cell in rest:
        yield from _walk(cell, label)


def _sibling(element, name):
    """Return a tag's name as this document writes it."""
    return element.tag.replace("header", name)


def _is_row_of_a_list(name, row):
    """Rows of the lists are customers'; their last one, the total, is a figure."""
    kinds = {kind for cell in row for kind in cell.get("class", "").split()}
    return name == "tr" and bool(kinds & {"tick", "nothing"})


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


def lost(found, html: str) -> dict[Printed, list[str]]:
    """Return the figures of the page that no figure of `found` explains, by their text."""
    left = {}
    for text in printed(html):
        figures = unexplained(text.text, _explaining(found, text))
        if figures:
            left[text] = figures
    return left


def _explaining(found, text: Printed) -> list[str]:
    """Return the terms of the figures that a text of the page belongs to."""
    terms = []
    for figure in found:
        is_there = (
            figure.label == text.label
            if text.label
            else any(one in text.text for one in figure.printed)
        )
        if is_there:
            terms += [term.text for term in figure.terms]
    return terms


def not_printed(found, html: str) -> list[str]:
    """Return the explained texts that are not on the page."""
    everything = "\n".join(text.text for text in printed(html))
    return [one for figure in found for one in figure.printed if one not in everything]
