"""How form fields look, empty and filled in, in the operators of a PDF's content.

A viewer that has to invent the look of a field invents a different one, or none: a box ticked in
one was empty in the next.
"""

from __future__ import annotations

from lib.reports.render.field_font import RESOURCE

INK = "0.11 0.15 0.2"
#: `/DA` of every field. Size 0: the viewer shrinks the font until about 60 letters fit.
DEFAULT_APPEARANCE = f"/{RESOURCE} 0 Tf {INK} rg"

#: The states of a check box.
ON, OFF = "on", "Off"
#: Field flag: text breaks into lines.
MULTILINE = 1 << 12
#: Annotation flag: also on paper.
PRINT = 1 << 2

#: Of a text field without text; the marks tell a viewer what to replace when something is typed.
NO_TEXT = b"/Tx BMC EMC"
UNTICKED = b""


def tick(width: float, height: float) -> bytes:
    """Return the drawing of a ticked box of that size, in points."""
    points = (
        f"{0.18 * width:.2f} {0.52 * height:.2f} m"
        f" {0.42 * width:.2f} {0.24 * height:.2f} l"
        f" {0.84 * width:.2f} {0.8 * height:.2f} l"
    )

    return f"q {INK} RG {0.14 * width:.2f} w {points} S Q".encode("ascii")
