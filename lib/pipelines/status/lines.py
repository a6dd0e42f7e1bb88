"""The overview in lines that both the terminal and the page show. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from zoneinfo import ZoneInfo

from lib.domain.mail_states import MailState
from lib.domain.pipelines import name_of
from lib.model import Pipeline
from lib.pipelines.deadline import state_line
from lib.pipelines.status.facts import Cell, MailGroup, Overview, State
from lib.plural import counted

#: One sign a state, so that nothing is told by colour alone.
MARKS = {
    State.CLOSED: "✔",
    State.OWED: "✘",
    State.OPEN: "○",
    State.RUNNING: "▶",
    State.LOST: "⊘",
    State.NO_DATA: "·",
}
REMARKS = {
    State.LOST: "the portal shows only yesterday",
    State.OPEN: "the commands above do what can still be done",
    State.OWED: "the commands above do what can still be done",
}
#: Neither needs a word.
SILENT = {State.CLOSED, State.NO_DATA}


def grid_lines(overview: Overview) -> Iterator[str]:
    """Yield a line of marks for each pipeline, then one for each run of periods in one state."""
    for pipeline, cells in overview.grid.items():
        marks = "".join(MARKS[cell.state] for cell in cells)
        yield f"  {name_of(pipeline):<8} {marks}  {cells[0].label} … {cells[-1].label}"

        # The last day is yesterday, which a run can still close.
        past = cells[:-1] if pipeline is Pipeline.DAILY else ()
        current = cells[len(past) :]

        for line in _state_lines(past, are_past=True):
            yield f"  {'':<8} {line}"
        for line in _state_lines(current, are_past=False):
            yield f"  {'':<8} {line}"


def mail_lines(overview: Overview) -> Iterator[str]:
    """Yield a line for the undelivered mails of each pipeline and state, newest first."""
    groups: dict[tuple[str, str], list[MailGroup]] = {}

    for mail in overview.mails:
        groups.setdefault((mail.pipeline, mail.state), []).append(mail)

    for (pipeline, state), mails in groups.items():
        number = 0
        days = []
        stores: set[str] = set()

        for mail in mails:
            number += mail.deliveries
            days.append(mail.report_on)
            stores.update(mail.stores)

        about = f" ({', '.join(sorted(stores))})" if stores else ""
        words = "refused for good" if state == MailState.FAILED else state
        name = name_of(pipeline)

        yield f"{counted(number, 'mail')} {words}{about}, {name} {_range(days)}"


def unread_lines(overview: Overview) -> Iterator[str]:
    """Yield a line for each pipeline whose combined report has no reader."""
    for pipeline in overview.unread:
        yield (
            f"The {name_of(pipeline)} report of all stores (ALL) has no reader: "
            "docs/how-to/add-a-recipient.md"
        )


def deadline_lines(overview: Overview, zone: ZoneInfo) -> Iterator[str]:
    """Yield a line for each pipeline with a deadline: when its mails were out, or will be."""
    for state in overview.deadlines:
        yield state_line(state, zone)


def killed_lines(overview: Overview) -> Iterator[str]:
    """Yield a line for each run whose row this look closed."""
    for run_id in overview.killed:
        yield f"Run {run_id} was killed; its row says so now."


def portal_lines(overview: Overview) -> list[str]:
    """Return how the portal served the newest run that says something about it, if one does."""
    for run in overview.runs:
        if run.portal:
            return [f"Run {run.run_id}: {run.portal}"]

    return []


def _state_lines(cells: tuple[Cell, ...], *, are_past: bool) -> Iterator[str]:
    for state, group in groupby(cells, key=attrgetter("state")):
        if state in SILENT:
            continue

        line = _cells_line(state, list(group))

        if are_past and state in REMARKS:
            yield f"{line}: {REMARKS[state]}"
        else:
            yield line


def _cells_line(state: State, cells: list[Cell]) -> str:
    labels = cells[0].label

    if len(cells) > 1:
        labels = f"{cells[0].label} … {cells[-1].label} ({len(cells)})"

    return f"{MARKS[state]} {labels} {state}"


def _range(days: list[date]) -> str:
    if len(days) == 1:
        return str(days[0])

    return f"{min(days)} … {max(days)} ({counted(len(days), 'date')})"
