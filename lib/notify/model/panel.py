"""What a reader sees of a report without opening it: a few lines, the same in text and in HTML.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

#: Between the two ends of a line of the text.
_GAP = "   "


class BlockKind(StrEnum):
    """How a block of a panel looks."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    #: The one large number, and beside it what it is compared with.
    FIGURE = "figure"
    #: A line with something at its right end.
    LINE = "line"
    #: A bar for the share of `share_pct`; the text does without, for a line says the same.
    BAR = "bar"
    HEADING = "heading"
    #: A numbered thing to do.
    STEP = "step"
    NOTE = "note"
    #: What is true of every mail: small, at the end.
    SMALL = "small"


#: A block of one of these begins a paragraph of the text.
_OPENING = frozenset({BlockKind.FIGURE, BlockKind.HEADING, BlockKind.NOTE, BlockKind.SMALL})


@dataclass(frozen=True)
class Block:
    """One line of a panel."""

    kind: BlockKind
    text: str = ""
    #: What stands at the right end.
    right: str = ""
    #: Of a bar: 0 to 100.
    share_pct: int | None = None
    #: Of a step: 1, 2, 3.
    number: int | None = None


@dataclass(frozen=True)
class Panel:
    """The lines, top to bottom."""

    blocks: tuple[Block, ...]
    #: What a telephone shows under the subject before the mail is opened.
    preview: str = ""

    @property
    def text(self) -> str:
        """The panel as plain text, without the bar, in the order of the page."""
        lines: list[str] = []
        before: BlockKind | None = None

        for block in self.blocks:
            if block.kind is BlockKind.BAR:
                continue

            if lines and block.kind in _OPENING and block.kind is not before:
                lines.append("")

            number = f"{block.number}. " if block.number else ""
            lines.append(_GAP.join(filter(None, [f"{number}{block.text}", block.right])))
            before = block.kind

        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"blocks": list(map(asdict, self.blocks)), "preview": self.preview}


def from_json(value: Mapping[str, Any] | None) -> Panel | None:
    """Return the panel of a stored mail; None where it has none."""
    if not value:
        return None

    blocks = []

    for one in value["blocks"]:
        blocks.append(Block(**one | {"kind": BlockKind(one["kind"])}))

    return Panel(tuple(blocks), value["preview"])
