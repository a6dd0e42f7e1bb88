"""Work that WeasyPrint 70 does twice or more and a page of ours needs once; the same bytes result.

Each shortcut takes WeasyPrint's own way in every case but the common one. They lean on its inside,
so `tests/lib/reports/render/test_weasyprint_shortcuts.py` draws pages with and without them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint import css, document, draw, svg  # type: ignore[import-untyped]
from weasyprint.draw import border  # type: ignore[import-untyped]
from weasyprint.draw import text as drawn_text
from weasyprint.formatting_structure.boxes import Box  # type: ignore[import-untyped]
from weasyprint.layout import (  # type: ignore[import-untyped]
    LayoutContext,
    background,
    block,
    inline,
    percent,
    table,
)
from weasyprint.pdf.stream import Stream  # type: ignore[import-untyped]
from weasyprint.svg import LazyDefs  # type: ignore[import-untyped]
from weasyprint.text import line_break  # type: ignore[import-untyped]
from weasyprint.text.line_break import Layout  # type: ignore[import-untyped]

from lib.reports.render import weasyprint_boxes, weasyprint_cells, weasyprint_texts
from lib.reports.render.weasyprint_twins import TwinStyles, style_sheets_of

_own_font_key = line_break._font_style_cache_key  # noqa: SLF001 - see above


@contextmanager
def taken() -> Iterator[None]:
    """Take the shortcuts within the block; what a page needed is freed at its end.

    WeasyPrint's objects for a page hold each other. Once these few are emptied, nearly all others
    are freed at once, and are not looked for by the garbage collector.
    """
    own = [(owner, name, getattr(owner, name)) for owner, name, _ in _SHORTCUTS]

    for owner, name, shortcut in _SHORTCUTS:
        setattr(owner, name, shortcut)

    try:
        yield
    finally:
        for owner, name, original in own:
            setattr(owner, name, original)

        while _contexts:
            _contexts.pop().__dict__.clear()


class _Context(LayoutContext):  # type: ignore[misc]
    """WeasyPrint's state of a page, noted to be emptied."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)

        _contexts.append(self)


class _Defs(LazyDefs):  # type: ignore[misc]
    """What a picture defines, without a hold on the picture that holds it."""

    def __init__(self, name: str, svg: Any) -> None:
        super().__init__(name, weakref.proxy(svg))


_contexts: list[_Context] = []


def _font_key(style: Any, include_size: bool = False) -> str:
    """Return what tells fonts apart, made once for a style, which boxes of many cells share."""
    known = style.__dict__.setdefault("_font_keys", {})

    if include_size not in known:
        known[include_size] = _own_font_key(style, include_size)

    return str(known[include_size])


_SHORTCUTS = (
    (document, "LayoutContext", _Context),
    (svg, "LazyDefs", _Defs),
    (css, "StyleFor", TwinStyles),
    (css, "find_stylesheets", style_sheets_of),
    (block, "block_container_layout", weasyprint_cells.block_container_layout),
    (block, "resolve_percentages", weasyprint_boxes.resolve_percentages),
    (inline, "resolve_percentages", weasyprint_boxes.resolve_percentages),
    (table, "resolve_percentages", weasyprint_boxes.resolve_percentages),
    (percent, "resolve_one_percentage", weasyprint_boxes.resolve_one_percentage),
    (Box, "is_in_normal_flow", weasyprint_boxes.is_in_normal_flow),
    (Stream, "set_color", weasyprint_boxes.set_color),
    (background, "layout_box_backgrounds", weasyprint_boxes.layout_box_backgrounds),
    (draw, "draw_border", weasyprint_boxes.draw_border),
    (draw, "draw_outline", weasyprint_boxes.draw_outline),
    (border, "draw_outline", weasyprint_boxes.draw_outline),
    (Layout, "setup", weasyprint_texts.setup),
    (Layout, "set_text", weasyprint_texts.set_text),
    (Layout, "deactivate", weasyprint_texts.keep),
    (Layout, "reactivate", weasyprint_texts.reactivate),
    (drawn_text, "draw_first_line", weasyprint_texts.draw_first_line),
    (line_break, "_font_style_cache_key", _font_key),
)
