"""The overview as JSON, as lines on a terminal, and as one page that loads nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lib import terminal
from lib.domain.pipelines import name_of
from lib.errors import ConfigurationError
from lib.files import replacing
from lib.model import Pipeline
from lib.pipelines.deadline import DeadlineState
from lib.pipelines.status import lines
from lib.pipelines.status.facts import Cell, MailGroup, Overview
from lib.pipelines.status.lines import MARKS

#: Return how a job is started here, by its name.
Command = Callable[[str], str]

PAGE = Path(__file__).with_name("page.html")
MUST = "To do"
MAY = "Possible, or done by a timer"


def as_json(overview: Overview, command: Command) -> str:
    """Return one JSON object; dates and instants in ISO 8601, instants in UTC."""
    return json.dumps(
        _plain(overview, command),
        indent=2,
        ensure_ascii=False,
    )


def _plain(overview: Overview, command: Command) -> dict[str, Any]:
    runs = []

    for run in overview.runs:
        plain_run = {
            "pipeline": run.pipeline,
            "run_id": run.run_id,
            "report_date": run.report_on.isoformat(),
            "status": run.status,
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat(),
            "closes": run.closes,
        }

        runs.append(plain_run | ({"portal": run.portal} if run.portal else {}))

    must, may = _steps(overview, command)

    return {
        "at": overview.at.isoformat(),
        "today": overview.today.isoformat(),
        "headline": overview.headline,
        "without_report": dict(overview.morning.missing),
        "refused": list(overview.morning.refused),
        "runs": runs,
        "periods": {name: _plain_cells(cells) for name, cells in overview.grid.items()},
        "undelivered": list(map(_plain_mail, overview.mails)),
        "unread": list(overview.unread),
        "killed": list(overview.killed),
        "deadlines": list(map(_plain_deadline, overview.deadlines)),
        "next_steps": must,
        "possible_steps": may,
    }


def _plain_cells(cells: tuple[Cell, ...]) -> list[dict[str, str]]:
    found = []

    for cell in cells:
        found.append(
            {
                "label": cell.label,
                "report_date": cell.period.last.isoformat(),
                "state": cell.state,
            }
        )

    return found


def _plain_mail(mail: MailGroup) -> dict[str, Any]:
    return {
        "pipeline": mail.pipeline,
        "report_date": mail.report_on.isoformat(),
        "state": mail.state,
        "deliveries": mail.deliveries,
        "stores": list(mail.stores),
    }


def _plain_deadline(state: DeadlineState) -> dict[str, Any]:
    return {
        "pipeline": state.pipeline,
        "report_date": state.report_on.isoformat(),
        "due_at": state.due_at.isoformat(),
        "expected_at": _iso(state.expected_at),
        "mails_are_out": state.are_out,
        "out_at": _iso(state.out_at),
    }


def _iso(at: datetime | None) -> str | None:
    """Return an instant as JSON has it; None for one that is not known."""
    return None if at is None else at.isoformat()


def on_terminal(
    overview: Overview,
    zone: ZoneInfo,
    command: Command,
) -> None:
    """Print the first line, then the steps, the periods, the mails and the runs."""
    from rich.console import Console
    from rich.table import Table

    console = Console(
        highlight=False,
        soft_wrap=True,
        markup=False,
    )

    console.begin_capture()
    console.print(overview.headline)

    must, may = _steps(overview, command)
    for title, steps in ((MUST, must), (MAY, may)):
        if steps:
            console.print(f"\n{title}:")

        for step in steps:
            console.print(f"  {step}")

    if not must:
        console.print("\nNothing to do.")

    legend = "  ".join(f"{mark} {state}" for state, mark in MARKS.items())
    console.print(f"\nPeriods, oldest first: {legend}")

    for line in lines.grid_lines(overview):
        console.print(line)

    remarks = [
        *(f"Undelivered: {line}" for line in lines.mail_lines(overview)),
        *lines.unread_lines(overview),
        *(f"Deadline: {line}" for line in lines.deadline_lines(overview, zone)),
        *lines.portal_lines(overview),
        *lines.killed_lines(overview),
    ]
    if remarks:
        console.print()

    for line in remarks:
        console.print(line)

    console.print()
    table = Table(
        title="Last runs",
        title_justify="left",
        box=None,
        pad_edge=False,
    )

    for name in ("pipeline", "report date", "status", "started", "run"):
        table.add_column(name, no_wrap=name in {"report date", "run"})

    for run in overview.runs:
        table.add_row(
            name_of(run.pipeline),
            str(run.report_on),
            f"{run.status}, closed" if run.closes else run.status,
            _clock(run.started_at, zone),
            run.run_id,
        )

    console.print(table if overview.runs else "No run yet.")
    terminal.write(console.end_capture())


def page(
    overview: Overview,
    zone: ZoneInfo,
    command: Command,
) -> str:
    """Return the whole page: no script, no picture, no address to load anything from."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    template = environment.from_string(PAGE.read_text(encoding="utf-8"))
    must, may = _steps(overview, command)

    return template.render(
        overview=overview,
        must=must,
        may=may,
        must_title=MUST,
        may_title=MAY,
        days=_calendar(overview.grid[Pipeline.DAILY]),
        rows=[
            ("Weeks", overview.grid[Pipeline.WEEKLY]),
            ("Months", overview.grid[Pipeline.MONTHLY]),
        ],
        mails=[*lines.mail_lines(overview), *lines.unread_lines(overview)],
        deadlines=list(lines.deadline_lines(overview, zone)),
        remarks=[*lines.portal_lines(overview), *lines.killed_lines(overview)],
        name_of=name_of,
        marks=MARKS,
        clock=partial(_clock, zone=zone),
        zone=zone.key,
    )


def write_page(
    overview: Overview,
    zone: ZoneInfo,
    path: Path,
    command: Command,
) -> None:
    """Write the page to `path`, whole or not at all.

    Raise ConfigurationError if that cannot be written.
    """
    write_whole(path, page(overview, zone, command).encode(), "--html")


def write_whole(
    path: Path,
    content: bytes,
    option: str,
    mode: int = 0o600,
) -> None:
    """Write a file that `option` names, whole or not at all.

    Raise ConfigurationError if that cannot be written.
    """
    try:
        with replacing(path, durable=False, mode=mode) as file:
            file.write(content)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror}); choose another {option} PATH"
        ) from error


def _steps(overview: Overview, command: Command) -> tuple[list[str], list[str]]:
    """Return the lines of the steps that a person must take, and of those that one may take."""
    must: list[str] = []
    may: list[str] = []

    for step in overview.steps:
        steps = must if step.is_required else may
        steps.append(step.text(command(step.job)))

    return must, may


def _calendar(cells: tuple[Cell, ...]) -> list[list[Cell | None]]:
    """Return the days in rows of seven, Monday first; None before the first and after the last."""
    places: list[Cell | None] = [None] * cells[0].period.first.weekday()
    places += cells
    places += [None] * (-len(places) % 7)

    weeks = []

    for start in range(0, len(places), 7):
        weeks.append(places[start : start + 7])

    return weeks


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
