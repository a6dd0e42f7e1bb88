"""The overview as JSON, as tables on a terminal, and as one page that needs nothing from anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lib import terminal
from lib.errors import ConfigurationError
from lib.files import replacing
from lib.model import Pipeline
from lib.pipelines.status.facts import Cell, Overview, State

PAGE = Path(__file__).with_name("page.html")
#: One sign a state, so that nothing is told by colour alone.
MARKS = {
    State.CLOSED: "✔",
    State.OWED: "✘",
    State.OPEN: "○",
    State.RUNNING: "▶",
    State.NO_DATA: "·",
}
NAMES = {Pipeline.DAILY: "daily", Pipeline.WEEKLY: "weekly", Pipeline.MONTHLY: "monthly"}


def as_json(overview: Overview) -> str:
    """Return one JSON object; dates and instants in ISO 8601, instants in UTC."""
    return json.dumps(_plain(overview), indent=2, ensure_ascii=False)


def _plain(overview: Overview) -> dict[str, Any]:
    return {
        "at": overview.at.isoformat(),
        "today": overview.today.isoformat(),
        "runs": [
            {
                "pipeline": run.pipeline,
                "run_id": run.run_id,
                "report_date": run.report_on.isoformat(),
                "status": run.status,
                "started_at": run.started_at.isoformat(),
                "finished_at": run.finished_at.isoformat(),
                "closes": run.closes,
                **({"portal": run.portal} if run.portal else {}),
            }
            for run in overview.runs
        ],
        "periods": {
            pipeline: [
                {
                    "label": cell.label,
                    "report_date": cell.period.last.isoformat(),
                    "state": cell.state,
                }
                for cell in cells
            ]
            for pipeline, cells in overview.grid.items()
        },
        "undelivered": [
            {
                "pipeline": owed.pipeline,
                "report_date": owed.report_on.isoformat(),
                "state": owed.state,
                "deliveries": owed.deliveries,
                "stores": list(owed.stores),
            }
            for owed in overview.mails
        ],
        "killed": list(overview.killed),
        "next_steps": list(overview.next_steps),
    }


def on_terminal(overview: Overview, zone: ZoneInfo) -> None:
    """Print tables of the runs, the periods, the mails and the next steps."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)

    console.begin_capture()
    table = Table(title="Last runs", title_justify="left", box=None, pad_edge=False)

    for name in ("pipeline", "report date", "status", "started", "run"):
        table.add_column(name, no_wrap=name in ("report date", "run"))

    for run in overview.runs:
        status = f"{run.status}, closed" if run.closes else run.status
        table.add_row(
            NAMES[run.pipeline],
            str(run.report_on),
            status,
            _clock(run.started_at, zone),
            run.run_id,
        )

    console.print(table if overview.runs else "No run yet.")
    console.print(
        "\nPeriods, oldest first: " + "  ".join(f"{mark} {state}" for state, mark in MARKS.items())
    )

    for line in lines_of_grid(overview):
        console.print(line)

    for remark in portal_remarks(overview):
        console.print(f"\n{remark}")

    for owed in overview.mails:
        console.print(f"\nUndelivered: {owed.text}, {owed.pipeline} {owed.report_on}")

    for run_id in overview.killed:
        console.print(f"\nRun {run_id} was killed; its row says so now.")

    console.print("\nNext steps:" if overview.next_steps else "\nNothing to do.")

    for step in overview.next_steps:
        console.print(f"  {step}")

    terminal.write(console.end_capture())


def portal_remarks(overview: Overview) -> list[str]:
    """Return how the portal served the newest run that says something about it, if one does."""
    remarks = [f"Run {run.run_id}: {run.portal}" for run in overview.runs if run.portal]
    return remarks[:1]


def lines_of_grid(overview: Overview) -> Iterator[str]:
    """Yield a line of marks for each pipeline, and one for each period that is not closed although it could be."""
    for pipeline, cells in overview.grid.items():
        marks = "".join(MARKS[cell.state] for cell in cells)
        yield f"  {NAMES[pipeline]:<8} {marks}  {cells[0].label} … {cells[-1].label}"

        for cell in cells:
            if cell.state in (State.OPEN, State.OWED, State.RUNNING):
                is_past = (
                    pipeline is Pipeline.DAILY
                    and cell is not cells[-1]
                    and cell.state is not State.RUNNING
                )

                remark = ", for good: the portal shows only yesterday" if is_past else ""
                yield f"  {'':<8} {MARKS[cell.state]} {cell.label} {cell.state}{remark}"


def page(overview: Overview, zone: ZoneInfo) -> str:
    """Return the whole page: no script, no picture, no address to load anything from."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(PAGE.read_text(encoding="utf-8"))

    return template.render(
        overview=overview,
        days=_calendar(overview.grid[Pipeline.DAILY]),
        rows=[
            (NAMES[pipeline], overview.grid[pipeline])
            for pipeline in (Pipeline.WEEKLY, Pipeline.MONTHLY)
        ],
        names=NAMES,
        marks=MARKS,
        remarks=portal_remarks(overview),
        clock=partial(_clock, zone=zone),
        zone=zone.key,
    )


def write_page(overview: Overview, zone: ZoneInfo, path: Path) -> None:
    """Put the page under `path`, whole or not at all; ConfigurationError where that cannot be written."""
    try:
        with replacing(path, durable=False) as file:
            file.write(page(overview, zone).encode())
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); choose another --html PATH"
        ) from error


def _calendar(cells: tuple[Cell, ...]) -> list[list[Cell | None]]:
    """Return the days in rows of seven, Monday first, with None before the first and after the last."""
    places: list[Cell | None] = [None] * cells[0].period.first.weekday()
    places += cells
    places += [None] * (-len(places) % 7)

    return [places[at : at + 7] for at in range(0, len(places), 7)]


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
