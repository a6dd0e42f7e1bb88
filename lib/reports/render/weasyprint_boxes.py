"""Lengths, backgrounds, colours, borders and outlines of boxes, asked for once for each style.

A box of ours shares its style with hundreds of others. WeasyPrint 70 works out 25 used lengths of
each, and asks each for a background, a border and an outline, which few have.
"""

from __future__ import annotations

from typing import Any

from weasyprint.draw import border  # type: ignore[import-untyped]
from weasyprint.formatting_structure.boxes import Box, PageBox  # type: ignore[import-untyped]
from weasyprint.layout import background, percent  # type: ignore[import-untyped]
from weasyprint.pdf.stream import Stream  # type: ignore[import-untyped]

own_is_in_normal_flow = Box.is_in_normal_flow
own_set_color = Stream.set_color
own_percentage = percent.resolve_one_percentage
own_percentages = percent.resolve_percentages
own_box_backgrounds = background.layout_box_backgrounds
own_draw_border = border.draw_border
own_draw_outline = border.draw_outline

SIDES = ("top", "right", "bottom", "left")
CORNERS = ("top_left", "top_right", "bottom_right", "bottom_left")
#: What `resolve_percentages` sets.
USED_LENGTHS = (
    "width",
    "min_width",
    "max_width",
    "height",
    "min_height",
    "max_height",
    *(f"margin_{side}" for side in SIDES),
    *(f"padding_{side}" for side in SIDES),
    *(f"border_{side}_width" for side in SIDES),
)
SQUARE = {f"border_{corner}_radius": (0, 0) for corner in CORNERS}


def resolve_one_percentage(
    box: Any,
    name: str,
    whole: float,
) -> None:
    """Set a used length: nearly all are pixels, which are used as they are."""
    value = box.style[name]

    if getattr(value, "unit", None) == "px":
        box.__dict__[name] = value.value
    else:
        own_percentage(box, name, whole)


def resolve_percentages(box: Any, containing_block: Any) -> None:
    """Set the used lengths of a box, as of another one of its style in a block of that size."""
    style = box.style

    if isinstance(containing_block, Box):
        size = containing_block.width, containing_block.height
    else:
        size = containing_block[0], containing_block[1]

    # Collapsed borders are those of the box, and the lengths of a page follow other rules.
    if style["border_collapse"] == "collapse" or isinstance(box, PageBox):
        own_percentages(box, containing_block)
        return

    known = style.__dict__.setdefault("_used_lengths", {})
    used = known.get(size)

    if used is None:
        own_percentages(box, containing_block)
        known[size] = {name: box.__dict__[name] for name in USED_LENGTHS}
    else:
        box.__dict__.update(used)


def is_in_normal_flow(box: Any) -> bool:
    """Return True unless a box floats or stands where its place in the page does not say."""
    style = box.style
    known = style.__dict__.get("_is_in_normal_flow")

    if known is None:
        known = style.__dict__["_is_in_normal_flow"] = own_is_in_normal_flow(box)

    return bool(known)


def set_color(stream: Any, color: Any, stroke: bool = False) -> None:
    """Set the colour of what is drawn next, unless it is that of what was drawn before."""
    known = color.__dict__.get("_as_numbers")

    if known is None:
        *channels, alpha = color
        known = color.__dict__["_as_numbers"] = (color.space, *channels), alpha

    coordinates, alpha = known
    current = stream._current_color_stroke if stroke else stream._current_color  # noqa: SLF001

    if coordinates == current:
        stream.set_alpha(alpha, stroke)
    else:
        own_set_color(stream, color, stroke)


def layout_box_backgrounds(page: Any, box: Any, *arguments: Any, **options: Any) -> None:
    """Lay out the background of a box and of those in it, most of which have none."""
    # The page's own, and that of the whole page, are laid out in another way.
    if box is page or len(arguments) > 1 or options or not _is_bare(box.style):
        own_box_backgrounds(page, box, *arguments, **options)
    else:
        box.__dict__.update(SQUARE)
        box.background = None

        for child in box.all_children():
            layout_box_backgrounds(page, child, *arguments)

    # Asked for no more, and a column's hold on the table that holds it.
    box.__dict__.pop("get_cells", None)


def _is_bare(style: Any) -> bool:
    """Return True if a box of the style has neither a background nor round corners."""
    known = style.__dict__.get("_is_bare")

    if known is None:
        known = style.__dict__["_is_bare"] = _looks_bare(style)

    return bool(known)


def _looks_bare(style: Any) -> bool:
    if any((0, "px") not in style[f"border_{corner}_radius"] for corner in CORNERS):
        return False

    for source in ("border_image_source", "mask_border_source"):
        if style[source][0] != "none":
            return False

    if any(kind != "none" for kind, _ in style["background_image"]) or style["box_shadow"]:
        return False

    color = border.get_color(style, "background_color")
    return bool(color.alpha == 0)


def draw_border(stream: Any, box: Any) -> None:
    """Draw the border of a box, if it has any."""
    has_any = (
        box.border_top_width
        or box.border_right_width
        or box.border_bottom_width
        or box.border_left_width
    )

    if has_any or _has_more_than_border(box.style):
        own_draw_border(stream, box)


def _has_more_than_border(style: Any) -> bool:
    """Return True if there may be an image for a border, or rules between columns."""
    known = style.__dict__.get("_has_more_than_border")

    if known is None:
        columns = style["column_width"], style["column_count"]
        known = columns != ("auto", "auto") or style["border_image_source"][0] != "none"
        style.__dict__["_has_more_than_border"] = known

    return bool(known)


def draw_outline(stream: Any, box: Any) -> None:
    """Draw the outlines of a box and of those in it, if they have any."""
    if box.style["outline_width"]:
        own_draw_outline(stream, box)
        return

    for child in box.children:
        if isinstance(child, Box):
            draw_outline(stream, child)
