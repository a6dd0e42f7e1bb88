"""The layout of table cells, worked out once for all cells that are alike.

Two thirds of a daily report are the cells of its lists. WeasyPrint 70 lays out each as if there
were no other: 350 us for a word on a line. Here the first cell of a kind is laid out by WeasyPrint
and kept; a later one is a copy of it in its own place:

1. A cell of one line with one text, which may be a link: a copy with the width of its own text.
2. Any other cell with the same boxes, styles and texts, such as one with a form field: a copy.

Whatever is not as simple as that, or reaches the end of the page, is laid out by WeasyPrint.
"""

from __future__ import annotations

from typing import Any

from weasyprint.formatting_structure.boxes import (  # type: ignore[import-untyped]
    BlockBox,
    InlineBlockBox,
    InlineBox,
    LineBox,
    TableCellBox,
    TextBox,
)
from weasyprint.layout import block, inline  # type: ignore[import-untyped]
from weasyprint.text import line_break  # type: ignore[import-untyped]

#: Boxes within cells that are copied. Any other one may have more than a place.
COPIED = frozenset({TableCellBox, LineBox, InlineBox, InlineBlockBox, BlockBox, TextBox})
#: What a box has from its element, and not from its layout.
OF_ELEMENT = frozenset(
    {
        "bookmark_label",
        "children",
        "colspan",
        "element",
        "element_tag",
        "first_letter_style",
        "first_line_style",
        "grid_x",
        "leading_collapsible_space",
        "link",
        "rowspan",
        "string_set",
        "style",
        "text",
        "text_overflow",
        "trailing_collapsible_space",
    }
)
SIDES = ("top", "right", "bottom", "left")
#: What the layout makes of a box. One that has more is not copied.
OF_LAYOUT = frozenset(
    {
        "baseline",
        "clearance",
        "computed_height",
        "height",
        "index",
        "max_height",
        "max_width",
        "min_height",
        "min_width",
        "pango_layout",
        "position_x",
        "position_y",
        "remove_decoration_sides",
        "resume_at",
        "text_indent",
        "width",
        *(f"margin_{side}" for side in SIDES),
        *(f"padding_{side}" for side in SIDES),
        *(f"border_{side}_width" for side in SIDES),
    }
)

own_layout = block.block_container_layout

#: What WeasyPrint returns of a laid out box that fits.
Result = tuple[Any, None, dict[str, Any], list[Any], bool, None]


def block_container_layout(
    context: Any,
    box: Any,
    bottom_space: float,
    skip_stack: Any,
    *arguments: Any,
    **options: Any,
) -> Any:
    """Lay out a box as WeasyPrint does, a cell like an earlier one by copying that one."""
    is_whole_cell = type(box) is TableCellBox and skip_stack is None
    key = _key(box) if is_whole_cell and not context.footnotes else None

    if key is not None:
        kept = context.__dict__.setdefault("_kept_cells", {}).get(key)

        if kept is not None:
            made = kept.result(context, box, bottom_space)
            if made is not None:
                return made

    result = own_layout(context, box, bottom_space, skip_stack, *arguments, **options)

    if key is not None:
        kept = _kept(box, result)
        if kept is not None:
            context.__dict__["_kept_cells"][key] = kept

    return result


def _key(cell: Any) -> Any:
    """Return what cells have in common of which one can be copied from another; None if nothing.

    Of a cell with a single text all but the text, else all.
    """
    chain = _chain(cell)
    content = [] if chain else _content(cell)

    if content is None:
        return None

    return (
        cell.width,
        cell.padding_top,
        cell.padding_bottom,
        cell.padding_left,
        cell.padding_right,
        cell.border_top_width,
        cell.border_left_width,
        *(id(box.style) for box in chain),
        *content,
    )


def _chain(cell: Any) -> list[Any]:
    """Return cell, line, links and text of a cell with a single text; nothing for any other."""
    chain = [cell]
    box = cell

    while len(box.children) == 1:
        box = box.children[0]
        wanted = LineBox if len(chain) == 1 else (InlineBox, TextBox)

        if not isinstance(box, wanted) or box.first_letter_style or box.first_line_style:
            return []

        chain.append(box)

        if type(box) is TextBox:
            return chain

    return []


def _content(box: Any) -> list[Any] | None:
    """Return styles and texts of a box and all within it; None where there is a further kind."""
    kind = type(box)

    if kind not in COPIED or box.first_letter_style or box.first_line_style:
        return None

    if kind is TextBox:
        return [id(box.style), box.text, box.leading_collapsible_space]

    content = [id(box.style), kind]

    for child in box.children:
        below = _content(child)
        if below is None or not child.is_in_normal_flow():
            return None

        content += below

    # So that a box after a child is not taken for one within it.
    content.append(None)
    return content


def _kept(cell: Any, result: Any) -> _OneLine | _CellCopy | None:
    laid_out, resume_at, *_ = result

    if laid_out is None or resume_at is not None or cell.style["position"] == "relative":
        return None

    if _chain(cell):
        return _OneLine.of(cell, laid_out)

    return _CellCopy(laid_out) if _is_same(cell, laid_out) else None


def _is_same(box: Any, laid_out: Any) -> bool:
    """Return True if nothing was left out, cut or divided, or has more than is copied."""
    if type(box) is not type(laid_out) or laid_out.remove_decoration_sides:
        return False

    if not vars(laid_out).keys() <= OF_ELEMENT | OF_LAYOUT:
        return False

    if type(box) is TextBox:
        return bool(box.text == laid_out.text)

    if len(box.children) != len(laid_out.children):
        return False

    return all(map(_is_same, box.children, laid_out.children))


def _layout_of(box: Any) -> dict[str, Any]:
    """Return what the layout made of a box, without what is in it."""
    return {name: value for name, value in vars(box).items() if name in OF_LAYOUT}


def _copied(box: Any, layout: dict[str, Any]) -> Any:
    """Return a copy of the box with another one's layout."""
    new = box.copy()

    vars(new).update(layout)
    new.remove_decoration_sides = set()

    return new


def _fits(cell: Any) -> Result:
    return cell, None, {"break": "any", "page": cell.style["page"]}, [], False, None


class _CellCopy:
    """A laid out box that is copied with all that is in it."""

    def __init__(self, laid_out: Any) -> None:
        # Of today: later WeasyPrint moves the boxes to the middle of their row.
        self._layout = _layout_of(laid_out)
        self._border_height = None if type(laid_out) is TextBox else laid_out.border_height()
        self._children = [_CellCopy(child) for child in laid_out.children]
        # Kept alive, so that no other style gets the number by which it is known.
        self._style = laid_out.style

    def result(
        self,
        context: Any,
        cell: Any,
        bottom_space: float,
    ) -> Result | None:
        """Return the cell laid out, or None at the end of the page."""
        if context.overflows_page(bottom_space, cell.position_y + self._border_height):
            return None

        dx = cell.position_x - self._layout["position_x"]
        dy = cell.position_y - self._layout["position_y"]

        return _fits(self._moved(cell, dx, dy))

    def _moved(self, box: Any, dx: float, dy: float) -> Any:
        new = _copied(box, self._layout)
        new.position_x += dx
        new.position_y += dy

        if self._children:
            new.children = [
                kept._moved(child, dx, dy)  # noqa: SLF001 - of this class
                for kept, child in zip(self._children, box.children, strict=True)
            ]

        return new


class _OneLine:
    """A laid out cell of one line, whose text is another one in each copy."""

    def __init__(self, laid_out: list[Any]) -> None:
        _, line, *links, text = laid_out

        # What is alike, from the line to the text, and how far each is above the base of the line.
        self._layouts = [_layout_of(box) for box in (line, *links, text)]
        self._above = [box.baseline for box in (line, *links, text)]
        # Kept alive, as above.
        self._styles = [box.style for box in laid_out]

    @classmethod
    def of(cls, cell: Any, laid_out: Any) -> _OneLine | None:
        """Return the line of the cell; None where it is not as simple as the copies would be."""
        boxes = _chain(laid_out)

        if not boxes or not _is_same(cell, laid_out) or not all(map(_is_plain, boxes[1:])):
            return None

        return cls(boxes)

    def result(
        self,
        context: Any,
        cell: Any,
        bottom_space: float,
    ) -> Result | None:
        """Return the cell laid out, or None if its text needs more than such a line."""
        boxes = _chain(cell)[1:]
        text = boxes[-1]

        # Each step as WeasyPrint takes it, so that fractions are rounded alike.
        left, top = cell.content_box_x(), cell.content_box_y()
        room = left + cell.width - left
        bottom = top + self._layouts[0]["height"]
        edge = bottom + cell.border_bottom_width + cell.padding_bottom

        if context.overflows_page(bottom_space, edge) or text.text != text.text.strip():
            return None

        # With WeasyPrint's own allowance for what is lost by rounding.
        set_text = _set_text(context, text, (left + room) * (1 + 1e-9) - left)
        if set_text is None or not self._is_as_high(set_text):
            return None

        new = self._filled(boxes, left, set_text)
        line = new[0]
        dx = inline.text_align(context, line, room, last=True)
        dy = top + self._above[0]

        for box, above in zip(new, self._above, strict=True):
            box.position_x = left + dx
            box.position_y = dy - above

        line.position_y = top
        return _fits(_with_line(cell, line, bottom - top))

    def _is_as_high(self, set_text: SetText) -> bool:
        """Return True if the text is as high, and as high above its base, as the one before."""
        text = self._layouts[-1]
        _, _, height, base = set_text

        return bool(height == text["height"] and base + text["margin_top"] == text["baseline"])

    def _filled(
        self,
        boxes: list[Any],
        left: float,
        set_text: SetText,
    ) -> list[Any]:
        """Return copies of the line, its links and its text, as wide as the text."""
        new = [_copied(box, layout) for box, layout in zip(boxes, self._layouts, strict=True)]
        text = new[-1]

        text.text = boxes[-1].text
        text.pango_layout, text.width = set_text[:2]
        width = text.width

        for outer, inner in zip(reversed(new[:-1]), reversed(new[1:]), strict=True):
            width = left + width - left
            outer.width = width
            outer.children = [inner]

        return new


#: Layout, width, height and base of a text.
SetText = tuple[Any, float, float, float]


def _is_plain(box: Any) -> bool:
    """Return True if nothing but its text tells the place and width of a line, link or text."""
    style = box.style

    if style["direction"] != "ltr" or style["position"] != "static":
        return False

    if type(box) is LineBox:
        aligned = style["text_align_all"], style["text_align_last"]
        return "justify" not in aligned and not box.text_indent

    sides = (box.margin_left, box.margin_right, box.padding_left, box.padding_right)
    borders = (box.border_left_width, box.border_right_width)

    return style["vertical_align"] == "baseline" and not any((*sides, *borders))


def _set_text(context: Any, text: Any, room: float) -> SetText | None:
    """Return the text set on one line, which is made once; None if it needs more."""
    style = text.style
    known = context.__dict__.setdefault("_set_texts", {})
    key = text.text, id(style), room

    if key not in known:
        layout, _, resume_index, width, height, base = line_break.split_first_line(
            text.text,
            style,
            context,
            room,
            0,
        )
        fits = resume_index is None and width <= room and layout.text == text.text
        known[key] = (layout, width, height, base) if fits else None

    found: SetText | None = known[key]
    return found


def _with_line(cell: Any, line: Any, height: float) -> Any:
    new = _copied(cell, {})
    new.children = [line]
    new.height = max(min(max(0, height), new.max_height), new.min_height)

    return new
