"""The line at the end of every report that says how to ask where a figure comes from."""

from __future__ import annotations

from lib.dates import Period
from lib.domain.pipelines import PIPELINES
from lib.model import Pipeline


def how_to_ask(
    pipeline: Pipeline,
    period: Period,
    store_code: str = "CODE",
) -> str:
    """Return the line, with the command that explains the figures of this report.

    Where a page does not print the store's code, the reader's office knows it.
    """
    label = PIPELINES[pipeline].label(period)
    flag = "--date" if pipeline is Pipeline.DAILY else "--period"
    command = f"jobs.explain --store {store_code} {flag} {label}"

    return (
        "Where does a figure come from? Name it in a reply to the mail;"
        f" whoever runs the reports asks: {command}"
    )
