"""What a page says of figures that a mailed report said otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from lib import formatting
from lib.domain.restatement import Restated
from lib.domain.values import Value
from lib.model import MetricKind
from lib.period_names import span_name

NOT_KNOWN = "not known"


def lines(figures: Iterable[Restated]) -> tuple[str, ...]:
    """Return a line for each figure that moved by enough.

    `Sale 9-15 Nov: 1,25,000 is right, 1,23,456 was said`, with rupee signs and a long dash.
    """
    found = []

    for figure in figures:
        if figure.is_shown:
            about = f"{figure.name} {span_name(figure.first, figure.last)}"
            right, said = _text(figure.right, figure.kind), _text(figure.said, figure.kind)
            found.append(f"{about}: {right} is right, {said} was said")

    return tuple(found)


def _text(value: Value | None, kind: MetricKind) -> str:
    return NOT_KNOWN if value is None else formatting.figure(value, kind)
