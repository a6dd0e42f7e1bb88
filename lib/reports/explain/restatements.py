"""The box that says what an earlier mailed report had otherwise. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib import formatting
from lib.domain.restatement import Restated
from lib.domain.values import Value
from lib.model import MetricKind
from lib.period_names import span_name
from lib.reports.explain import terms
from lib.reports.explain.model import Figure, Rule, Term
from lib.reports.view import restated

SECTION = "An earlier report said otherwise"


def box(figures: Sequence[Restated]) -> Iterator[Figure]:
    """Yield a figure for each line of the box; figures that moved too little have none."""
    shown = [figure for figure in figures if figure.is_shown]

    for number, (figure, line) in enumerate(zip(shown, restated.lines(shown), strict=True), 1):
        about = f"{figure.name} of {span_name(figure.first, figure.last)}"
        candidates = (
            Term(
                _text(figure.right, figure.kind),
                Rule.RESTATED,
                (f"{about} by what was stored when this version was made.",),
            ),
            Term(
                _text(figure.said, figure.kind),
                Rule.RESTATED,
                # This version may have been mailed since, and says the right one.
                (f"{about} as the last report mailed before this version said it.",),
            ),
        )

        yield terms.figure(SECTION, f"{SECTION}, {number}", (line,), candidates)


def _text(value: Value | None, kind: MetricKind) -> str:
    return restated.NOT_KNOWN if value is None else formatting.figure(value, kind)
