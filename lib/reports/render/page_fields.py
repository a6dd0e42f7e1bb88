"""Which form fields a page may ask for: those that a PDF of WeasyPrint 70 really has.

Source: docs/reference/outside-behaviour.md#weasyprint.
"""

from __future__ import annotations

from typing import Any

FIELDS = frozenset({"button", "input", "select", "textarea"})
#: Types of `input` that become a field which every viewer shows.
INPUT_TYPES = ("", "text", "checkbox")
#: WeasyPrint makes a field without an appearance, a broken file or nothing of them.
REFUSED_ELEMENTS = ("button", "select")
#: Dropped without a word, so that people could type where the page says that they cannot.
DROPPED_ATTRIBUTES = ("disabled", "readonly", "required")


def problem(root: Any) -> str | None:
    """Return what is wrong with the first field of the page that is not supported, else None.

    `root` is the page's tree of elements.
    """
    for element in root.iter():
        if element.tag not in FIELDS:
            continue

        kind = element.get("type", "").strip().lower() if element.tag == "input" else ""

        if element.tag in REFUSED_ELEMENTS:
            return f"a <{element.tag}>"

        if kind not in INPUT_TYPES:
            return f'an <input type="{kind}">'

        dropped = []

        for name in DROPPED_ATTRIBUTES:
            if name in element.attrib:
                dropped.append(name)

        if dropped:
            return f"a field that is {dropped[0]}"

    return None
