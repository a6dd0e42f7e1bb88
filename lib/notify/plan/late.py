"""The mail to an owner whose report is not there although the morning's last attempt is over.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lib.domain.stores import ALL
from lib.notify.model.mail import PlannedMail
from lib.notify.model.panel import Block, BlockKind, Panel
from lib.notify.model.rows import Facts, RunSummaryRow, Scope
from lib.notify.plan import profiles, recipients
from lib.notify.plan.owner_mail import MailedReport, subtitle, why_blocks
from lib.notify.plan.profiles import Assignment
from lib.period_names import period_name

_NOT_THERE = "This report is not there yet."
_NEXT = "If it can still be made, it comes by mail. There is nothing that you have to do."


def late_mails(
    facts: Facts,
    run: RunSummaryRow,
    missing: Mapping[str, str],
) -> Iterator[PlannedMail]:
    """Yield the mail of each store without a report to those who would have got the report.

    `missing` has by store code why there is none; empty where that is not known. A store that has
    a report is left out, and so are readers of all stores together: their report names the others.
    """
    made = {document.store_code for document in facts.documents}
    assigned, _ = profiles.assignments(facts, run)

    for assignment in assigned:
        if assignment.scope is not Scope.STORE:
            continue

        for code, reason in sorted(missing.items()):
            lists = recipients.serving(Scope.STORE, code, assignment.routes)
            if code not in made | {ALL} and lists.to:
                yield _mail(facts, run, assignment, lists, (code, reason))


def _mail(
    facts: Facts,
    run: RunSummaryRow,
    assignment: Assignment,
    lists: recipients.Lists,
    about: tuple[str, str],
) -> PlannedMail:
    code, reason = about
    on = run.report_on or run.started_at.date()
    report = MailedReport(run.pipeline_name, on, code, facts.name_of(code))
    panel = _panel(report, reason, has_answer=facts.has_answer)
    line = f"Late: {report.store_name}, {period_name(run.pipeline_name, on)}"

    return PlannedMail(
        assignment.profile.code,
        assignment.profile.env,
        code,
        lists.to,
        lists.cc,
        lists.bcc,
        subject=line,
        body=panel.text,
        panel=panel,
        line=line,
    )


def _panel(
    report: MailedReport,
    reason: str,
    *,
    has_answer: bool,
) -> Panel:
    blocks = [
        Block(BlockKind.TITLE, report.store_name),
        Block(BlockKind.SUBTITLE, subtitle(report)),
        Block(BlockKind.NOTE, _NOT_THERE),
    ]

    if reason:
        blocks.append(Block(BlockKind.NOTE, f"Reason: {reason}"))

    blocks.append(Block(BlockKind.NOTE, _NEXT))
    blocks += why_blocks(report, has_answer=has_answer)

    return Panel(tuple(blocks), f"{_NOT_THERE} {_NEXT}")
