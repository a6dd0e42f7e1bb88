"""What a person must or may do about what the overview shows. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from lib.domain.mail_states import MailState
from lib.domain.pipelines import DAILY, MONTHLY, WEEKLY
from lib.model import Pipeline
from lib.pipelines.status.facts import Cell, MailGroup, State, Step
from lib.plural import counted

#: Of many like steps, the latest.
LISTED = 5

#: What a person adds to `jobs.notify`, and why, by the state of a mail.
_DECISIONS: Mapping[str, tuple[str, str]] = {
    MailState.UNCERTAIN: ("--accept", "or --resend"),
    MailState.FAILED: ("--resend", "after correcting the recipient"),
}


def next_steps(
    cells: Mapping[Pipeline, tuple[Cell, ...]],
    mails: Collection[MailGroup],
    unmade: Sequence[date] = (),
    *,
    has_history: bool,
) -> list[Step]:
    """Return the steps: first those that somebody must take, each kind most urgent first.

    `unmade` are past days that have figures and lack reports. No step closes such a day: what the
    portal did not show on its own day is lost.
    """
    undecided = []
    owed = []

    for mail in mails:
        if mail.state in _DECISIONS:
            undecided.append(mail)
        else:
            owed.append(mail)

    return [
        *_runs(cells, has_history=has_history),
        *_decisions(undecided),
        *_deliveries(owed),
        *_past_reports(unmade),
    ]


def _runs(
    cells: Mapping[Pipeline, tuple[Cell, ...]],
    *,
    has_history: bool,
) -> Iterator[Step]:
    if cells[Pipeline.DAILY][-1].state not in {State.CLOSED, State.RUNNING}:
        yield Step(DAILY.job)

    for facts in (WEEKLY, MONTHLY):
        is_owed = any(cell.state in {State.OPEN, State.OWED} for cell in cells[facts.pipeline])
        if has_history and is_owed:
            yield Step(facts.job)


def _decisions(undecided: Sequence[MailGroup]) -> Iterator[Step]:
    """Yield a step for each report date with mails that only a person can decide about."""
    for mail in undecided[:LISTED]:
        flag, remark = _DECISIONS[mail.state]
        yield Step(
            "notify",
            f"{_about(mail)} {flag}",
            remark,
        )

    more = len(undecided) - LISTED
    if more > 0:
        yield Step(
            "status",
            "--json",
            f"names {counted(more, 'more date')} to decide about",
        )


def _deliveries(owed: Sequence[MailGroup]) -> Iterator[Step]:
    remark = "a timer does it, too"

    if len(owed) > LISTED:
        yield Step(
            "notify",
            remark=remark,
            is_required=False,
        )

        return

    for mail in owed:
        yield Step(
            "notify",
            _about(mail),
            remark,
            is_required=False,
        )


def _past_reports(unmade: Sequence[date]) -> Iterator[Step]:
    for day in unmade[-LISTED:]:
        yield Step(
            "reports",
            f"--date {day}",
            "what is stored of that day; it stays open",
            is_required=False,
        )


def _about(mail: MailGroup) -> str:
    return f"--pipeline {mail.pipeline} --report-date {mail.report_on}"
