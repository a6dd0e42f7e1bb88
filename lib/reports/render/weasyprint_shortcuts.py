"""Work that WeasyPrint 70 does twice or more and a page of ours needs once; the same bytes result.

Each shortcut takes WeasyPrint's own way in every case but the common one. They lean on its inside,
so `tests/lib/reports/render/test_weasyprint_shortcuts.py` draws pages with and without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.layout import percent  # type: ignore[import-untyped]
from weasyprint.text import line_break  # type: ignore[import-untyped]
from weasyprint.text.line_break import Layout  # type: ignore[import-untyped]

_own_reactivate = Layout.reactivate
_own_percentage = percent.resolve_one_percentage
_own_font_key = line_break._font_style_cache_key  # noqa: SLF001 - see above


@contextmanager
def taken() -> Iterator[None]:
    """Take the shortcuts within the block."""
    own = [(owner, name, getattr(owner, name)) for owner, name, _ in _SHORTCUTS]

    for owner, name, shortcut in _SHORTCUTS:
        setattr(owner, name, shortcut)

    try:
        yield
    finally:
        for owner, name, original in own:
            setattr(owner, name, original)


def _keep(_layout: Any) -> None:
    """Keep a laid out line until it is drawn: else it is set up and shaped a second time."""


def _reactivate(layout: Any, style: Any) -> None:
    """Have a kept line ready to be drawn; one whose words are spread out is set up again."""
    if layout.justification_spacing or style is not layout.style:
        _own_reactivate(layout, style)


def _resolve_one_percentage(
    box: Any,
    name: str,
    whole: float,
) -> None:
    """Set a used length: nearly all are pixels, which are used as they are."""
    value = box.style[name]

    if getattr(value, "unit", None) == "px":
        box.__dict__[name] = value.value
    else:
        _own_percentage(box, name, whole)


def _font_key(style: Any, include_size: bool = False) -> str:
    """Return what tells fonts apart, made once for a style, which boxes of many cells share."""
    known = style.__dict__.setdefault("_font_keys", {})

    if include_size not in known:
        known[include_size] = _own_font_key(style, include_size)

    return str(known[include_size])


_SHORTCUTS = (
    (Layout, "deactivate", _keep),
    (Layout, "reactivate", _reactivate),
    (percent, "resolve_one_percentage", _resolve_one_percentage),
    (line_break, "_font_style_cache_key", _font_key),
)
