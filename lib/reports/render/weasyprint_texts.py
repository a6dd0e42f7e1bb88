"""Texts that Pango sets and WeasyPrint draws, without what is done twice or more for each.

WeasyPrint 70 makes a context of Pango for each text, has each text shaped again when it is drawn,
and reads its glyphs one by one as often as the same text is drawn.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from weasyprint.draw import text as drawn_text  # type: ignore[import-untyped]
from weasyprint.text import line_break  # type: ignore[import-untyped]
from weasyprint.text.constants import PANGO_DIRECTION  # type: ignore[import-untyped]
from weasyprint.text.ffi import (  # type: ignore[import-untyped]
    ffi,
    gobject,
    pango,
    unicode_to_char_p,
)
from weasyprint.text.fonts import get_font_description  # type: ignore[import-untyped]
from weasyprint.text.line_break import Layout  # type: ignore[import-untyped]

#: What ends a paragraph for Pango.
PARAGRAPH_END = re.compile("[\r\n\N{PARAGRAPH SEPARATOR}]")

own_setup = Layout.setup
own_set_text = Layout.set_text
own_reactivate = Layout.reactivate
own_draw_first_line = drawn_text.draw_first_line


class _PangoSetting(NamedTuple):
    """What all texts of a style have in common for Pango."""

    context: Any
    description: Any
    language: Any


class _WrittenText(NamedTuple):
    """What was written to draw a text in one font."""

    fonts: Any
    #: Its name and size.
    font: tuple[Any, float]
    glyphs: bytes


def keep(_layout: Any) -> None:
    """Keep a laid out line until it is drawn: else it is set up and shaped a second time."""


def reactivate(layout: Any, style: Any) -> None:
    """Have a kept line ready to be drawn; one whose words are spread out is set up again."""
    if layout.justification_spacing or style is not layout.style:
        own_reactivate(layout, style)


def setup(layout: Any, style: Any) -> None:
    """Prepare a text as WeasyPrint does, in one context for all texts of a style.

    A style of lines over or under its text, or of an OpenType feature, is set up by WeasyPrint.
    """
    if "_pango_setting" not in style.__dict__:
        style.__dict__["_pango_setting"] = None if _has_more(style) else _setting(style)

    setting = style.__dict__["_pango_setting"]

    if setting is None:
        own_setup(layout, style)
        return

    layout.style = style
    layout.first_line_direction = 0
    layout.language = setting.language
    layout.ascent = layout.underline_position = layout.strikethrough_position = None

    layout.layout = ffi.gc(pango.pango_layout_new(setting.context), gobject.g_object_unref)
    pango.pango_layout_set_auto_dir(layout.layout, False)
    pango.pango_layout_set_font_description(layout.layout, setting.description)


def _has_more(style: Any) -> bool:
    features = line_break.font_features(
        style["font_kerning"],
        style["font_variant_ligatures"],
        style["font_variant_position"],
        style["font_variant_caps"],
        style["font_variant_numeric"],
        style["font_variant_alternates"],
        style["font_variant_east_asian"],
        style["font_feature_settings"],
    )

    is_plain = style["text_decoration_line"] == "none" and not features
    return not is_plain or style["font_language_override"] != "normal"


def _setting(style: Any) -> _PangoSetting:
    context = ffi.gc(
        pango.pango_font_map_create_context(style.font_config.font_map),
        gobject.g_object_unref,
    )
    pango.pango_context_set_round_glyph_positions(context, False)
    pango.pango_context_set_base_dir(context, PANGO_DIRECTION[style["direction"]])

    if style["lang"]:
        name, _kept_alive = unicode_to_char_p(style["lang"])
        language = pango.pango_language_from_string(name)
        pango.pango_context_set_language(context, language)
    else:
        language = pango.pango_language_get_default()

    return _PangoSetting(context, get_font_description(style), language)


def set_text(layout: Any, text: str, *arguments: Any, **options: Any) -> None:
    """Set the text as WeasyPrint does; one of a single paragraph as it will be drawn.

    Drawing says that it is one. Said later, Pango would shape it again.
    """
    own_set_text(layout, text, *arguments, **options)

    # Of a long text WeasyPrint may set the beginning first.
    is_single = PARAGRAPH_END.search(text) is None
    pango.pango_layout_set_single_paragraph_mode(layout.layout, is_single)


def draw_first_line(
    stream: Any,
    textbox: Any,
    text_overflow: str,
    block_ellipsis: Any,
    matrix: Any,
) -> Any:
    """Draw the line as WeasyPrint does, one that was drawn before by the same operators."""
    layout = textbox.pango_layout
    is_whole = text_overflow == "clip" and block_ellipsis == "none"
    drawn = layout.__dict__.get("_drawn")

    # The fonts are those of the document.
    if is_whole and drawn is not None and drawn.fonts is stream._fonts:  # noqa: SLF001
        stream.set_text_matrix(*matrix.values)
        stream.set_font_size(*drawn.font)
        stream.stream.append(drawn.glyphs)
        return []

    start = len(stream.stream)
    emojis = own_draw_first_line(stream, textbox, text_overflow, block_ellipsis, matrix)
    added = stream.stream[start:]

    # Where it stands, its font unless that is the one of the text before, and its glyphs.
    if is_whole and not emojis and len(added) in (2, 3) and added[-1].endswith(b" TJ"):
        layout.__dict__["_drawn"] = _WrittenText(
            stream._fonts,  # noqa: SLF001
            stream._current_font,  # noqa: SLF001
            added[-1],
        )

    return emojis
