"""The mails that a run owes and what is wrong with them.

Pure: the same facts give the same plan.

Nothing is skipped in silence (docs/reference/domain.md#notification-selection): whatever is
missing, unknown or contradictory is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.domain.stores import ALL
from lib.model import Finding, Status
from lib.notify.message.template_process import render
from lib.notify.message.templates import TemplateProblem
from lib.notify.model.addresses import has_control
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Document, Facts, RunSummaryRow, Scope, Template
from lib.notify.plan import attachment_names, attachments, profiles, recipients, remarks
from lib.notify.plan.owner_mail import MailedReport, OwnerMail, owner_mail
from lib.notify.plan.profiles import Assignment
from lib.notify.plan.run_result import RunResult, run_result
from lib.notify.plan.template_variables import template_variables

MAX_SUBJECT_CHARS = 500


@dataclass(frozen=True)
class MailPlan:
    """Mails in the order in which to send them: about the run, about all stores, store by store."""

    mails: tuple[PlannedMail, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Shown:
    """What mails of one scope show of the run."""

    run: RunSummaryRow
    #: None but in mails about the run.
    result: RunResult | None = None
    #: What is wrong with the other mails; empty but in mails about the run.
    findings: tuple[Finding, ...] = ()


def build(facts: Facts, notify: str = "python -m jobs.notify") -> MailPlan:
    """Return what the run owes; `notify` is how people start `jobs.notify` here.

    A run without documents still owes its mails of scope run, and they say so.
    """
    run = facts.run
    if run is None:
        return MailPlan(findings=(_warning(f"there is no summary row of the run {facts.run_id}"),))

    if missing := _missing_row(facts, run):
        return MailPlan(findings=(_warning(missing),))

    facts = replace(facts, documents=attachments.latest(facts.documents))
    facts = replace(facts, documents=attachment_names.named(facts, run))

    return _planned(facts, run, notify)


def _planned(facts: Facts, run: RunSummaryRow, notify: str) -> MailPlan:
    assigned, findings = profiles.assignments(facts, run)
    findings += _about_documents(facts.documents)

    for run_id in facts.undecided:
        findings.append(_undecided(run_id, notify))

    mails: list[PlannedMail] = []

    # The mails about the run come last: they name what is wrong with the others.
    for scope in (
        Scope.STORE,
        Scope.COMBINED,
        Scope.RUN,
    ):
        mine = [assignment for assignment in assigned if assignment.scope is scope]
        shown = _Shown(run)

        if scope is Scope.RUN:
            about_run = remarks.with_problems(run, findings)
            result = _result(facts, about_run, mails, mine, findings)
            shown = _Shown(about_run, result, tuple(findings))

        for assignment in mine:
            made, problems = _mails(assignment, facts, shown)
            mails += made
            findings += problems

    return MailPlan(tuple(sorted(mails, key=_sending_order)), tuple(findings))


def _missing_row(facts: Facts, run: RunSummaryRow) -> str | None:
    """Return which row is missing for any mail of the run; None if all are there."""
    if facts.pipeline_description is None:
        return (
            f"the table pipelines has no row with the code {facts.pipeline_name}:"
            " nobody can be told about it"
        )

    if run.pipeline_name != facts.pipeline_name:
        return (
            f"the run {run.run_id} belongs to the pipeline {run.pipeline_name},"
            f" not to {facts.pipeline_name}"
        )

    return None


def _result(
    facts: Facts,
    run: RunSummaryRow,
    mails: Iterable[PlannedMail],
    about_run: Iterable[Assignment],
    findings: Iterable[Finding],
) -> RunResult:
    """Return how the run ended; `mails` are those of it that are not about the run itself."""
    sendable = []

    for mail in mails:
        if not mail.problem:
            sendable.append(mail)

    own = []

    for one in about_run:
        if recipients.serving(Scope.RUN, None, one.routes).to:
            own.append(one)

    problems = set()

    for finding in findings:
        if finding.severity is not Status.OK:
            problems.add(finding.text)

    return run_result(
        run,
        facts.documents,
        facts.zone,
        mails=len(sendable) + len(own),
        problems=len(problems),
    )


def _mails(
    assignment: Assignment,
    facts: Facts,
    shown: _Shown,
) -> tuple[list[PlannedMail], list[Finding]]:
    """Return the mails of one profile, and what is wrong with them."""
    mails: list[PlannedMail] = []
    findings: list[Finding] = []
    subjects = _subjects(assignment.scope, facts.documents)

    for store_code in subjects:
        mail = _mail(
            assignment,
            store_code,
            facts,
            shown,
        )
        if isinstance(mail, PlannedMail):
            mails.append(mail)
        else:
            findings.append(mail)

    if not subjects:
        code = assignment.profile.code
        findings.append(_warning(f"profile {code} sends nothing: no store has a document"))

    findings += _owed(mails)
    findings += _stores_without_document(assignment, subjects)

    return mails, findings


def _subjects(scope: Scope, documents: tuple[Document, ...]) -> list[str] | list[None]:
    """Return what the mails of a scope are about, one entry a mail."""
    match scope:
        case Scope.RUN:
            return [None]
        case Scope.COMBINED:
            return [ALL]
        case Scope.STORE:
            return attachments.stores(documents)


def _mail(
    assignment: Assignment,
    store_code: str | None,
    facts: Facts,
    shown: _Shown,
) -> PlannedMail | Finding:
    """Return the mail about `store_code`, or the finding that says why there is none."""
    scope = assignment.scope
    profile = assignment.profile

    lists = recipients.serving(
        scope,
        store_code,
        assignment.routes,
    )
    if not lists.to:
        return _nobody(
            profile.code,
            store_code,
            has_bcc=bool(lists.bcc),
        )

    wanted = attachments.wanted(
        scope,
        assignment.mode,
        store_code,
        facts.documents,
    )
    usable = tuple(document for document in wanted if not document.problem)
    if not usable and attachments.needs_documents(scope, assignment.mode):
        return _nothing_to_attach(profile.code, store_code, wanted)

    mail = PlannedMail(
        profile.code,
        profile.env,
        store_code,
        lists.to,
        lists.cc,
        lists.bcc,
        subject="",
        body="",
        attachments=usable,
    )
    said = shown.result or _said(facts, shown.run, mail)
    context = template_variables(
        facts,
        shown.run,
        store_code,
        said,
    )
    missing = remarks.missing_days(shown.run, store_code)

    rendered = _rendered(
        mail,
        assignment.template,
        context,
        (*_remarks(facts, shown, assignment.template), *filter(None, [missing])),
    )
    return _with_panel(rendered, said)


def _said(
    facts: Facts,
    run: RunSummaryRow,
    mail: PlannedMail,
) -> OwnerMail:
    """Return what the mail says about its store's report, from the figures kept with it."""
    code = mail.store_code or ALL
    on = run.report_on or run.started_at.date()
    kept = []

    for one in facts.documents:
        if one.store_code == code and one.figures:
            kept.append(one.figures)

    report = MailedReport(
        run.pipeline_name,
        on,
        code,
        " ".join(facts.name_of(code).split()),
        kept[-1] if kept else None,
    )

    return owner_mail(
        report,
        is_attached=bool(mail.attachments),
        has_answer=facts.has_answer,
    )


def _with_panel(
    mail: PlannedMail,
    said: RunResult | OwnerMail,
) -> PlannedMail:
    """Return the mail with what its page shows in place of the same lines of its text.

    A template of an operator's own that does not have them has no panel.
    """
    if mail.problem:
        return mail

    if isinstance(said, RunResult):
        return replace(mail, line=said.subject)

    if said.panel.text not in mail.body:
        return mail

    return replace(
        mail,
        panel=said.panel,
        line=said.line,
    )


def _nothing_to_attach(
    profile: str,
    store_code: str | None,
    wanted: list[Document],
) -> Finding:
    """Return why there is no mail.

    Not a warning for old reports: a reader who was owed one had it before it was pruned.
    """
    if wanted and all(document.is_pruned for document in wanted):
        text = f"profile {profile} sends no mail: its reports were pruned"
        return Finding(Status.OK, text, store_code)

    severity = Status.ERROR if wanted else Status.WARNING

    # A run of some stores makes no report of all; why another one has none is the run's to say.
    if store_code == ALL and not wanted:
        severity = Status.OK

    what = "none of its documents can be attached" if wanted else "no document"

    return Finding(severity, f"profile {profile} sends no mail: {what}", store_code)


def _rendered(
    mail: PlannedMail,
    template: Template,
    context: Mapping[str, Any],
    paragraphs: tuple[str, ...],
) -> PlannedMail:
    """Return the mail with subject and body, or with the problem that its template has."""
    try:
        subject = render(
            template.subject,
            context,
            "subject",
        ).strip()
        body = render(template.body, context, "body")
    except TemplateProblem as problem:
        return replace(mail, problem=str(problem))

    if not subject or not body.strip():
        empty = "body" if subject else "subject"
        return replace(mail, problem=f"the {empty} template renders to nothing")

    if has_control(subject):
        return replace(
            mail,
            problem="the subject has a line break or another control character",
        )

    # A subject that long is a template that has run away.
    if len(subject) > MAX_SUBJECT_CHARS:
        return replace(
            mail,
            problem=f"the subject has more than {MAX_SUBJECT_CHARS} characters",
        )

    return replace(
        mail,
        subject=subject,
        body="\n\n".join([*paragraphs, body]),
        remarks=paragraphs,
    )


def _remarks(
    facts: Facts,
    shown: _Shown,
    template: Template,
) -> tuple[str, ...]:
    """Return the paragraphs that go before the template's text: operators read them first.

    Causes that the template's own text gives are not given twice.
    """
    if shown.result is None:
        return ()

    gives_causes = "result_text" in template.body
    why_empty = "" if facts.documents or gives_causes else remarks.no_documents(shown.run)

    return tuple(filter(None, [why_empty, remarks.problems(shown.findings)]))


def _about_documents(documents: Iterable[Document]) -> list[Finding]:
    findings = []

    for document in documents:
        if document.problem:
            severity = Status.OK if document.is_pruned else Status.ERROR
            text = f"{document.file_name} cannot be attached: {document.problem}"
            findings.append(
                Finding(
                    severity,
                    text,
                    document.store_code,
                )
            )

    return findings


def _undecided(run_id: str, notify: str) -> Finding:
    return _warning(
        f"nobody knows whether a mail of run {run_id} arrived;"
        f" decide with: {notify} --run-id {run_id} --accept (or --resend)"
    )


def _stores_without_document(
    assignment: Assignment,
    subjects: Iterable[str | None],
) -> list[Finding]:
    """Return a finding for each store that has recipients and no document.

    Not a warning: why a store has none is the run's to say.
    """
    if assignment.scope is not Scope.STORE:
        return []

    routed = set()

    for route in assignment.routes:
        if route.store_code:
            routed.add(str(route.store_code))

    without = sorted(routed - {ALL} - set(subjects))
    text = (
        f"profile {assignment.profile.code} has recipients,"
        " but the run has no document of this store"
    )

    found = []

    for code in without:
        found.append(Finding(Status.OK, text, code))

    return found


def _nobody(
    profile: str,
    store_code: str | None,
    *,
    has_bcc: bool,
) -> Finding:
    what = "only bcc recipients; make one of them to or cc" if has_bcc else "no recipient; add one"
    found = "there is a document, but " if store_code else ""

    return _warning(
        f"{found}profile {profile} has {what} in notification_recipients",
        store_code,
    )


def _owed(mails: Iterable[PlannedMail]) -> list[Finding]:
    """Return what holds mails back, once for all mails of a profile that have the same problem."""
    problems = dict.fromkeys((mail.profile, mail.problem) for mail in mails if mail.problem)
    findings = []

    for code, problem in problems:
        text = f"profile {code}: {problem}; correct email_templates"
        findings.append(Finding(Status.ERROR, text))

    return findings


def _warning(text: str, store_code: str | None = None) -> Finding:
    return Finding(Status.WARNING, text, store_code)


def _sending_order(mail: PlannedMail) -> tuple[int, str, str, str]:
    rank = 0 if mail.store_code is None else 1 if mail.store_code == ALL else 2
    return rank, mail.store_code or "", mail.profile, mail.profile_env
