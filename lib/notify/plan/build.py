"""The mails that a run owes and what is wrong with them.

Pure: the same facts give the same plan.

Nothing is skipped in silence (docs/reference/domain.md#notification-selection): whatever is
missing, unknown or contradictory is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.model import Finding, Status
from lib.notify.message.template_process import render
from lib.notify.message.templates import TemplateProblem
from lib.notify.model.addresses import Address, has_control
from lib.notify.model.rows import ALL, Document, Facts, Run, Scope, Template
from lib.notify.plan import (
    attachments,
    profiles,
    recipients,
    template_variables,
)
from lib.notify.plan import (
    remarks as plan_remarks,
)
from lib.notify.plan.profiles import Assignment

MAX_SUBJECT_CHARS = 500


@dataclass(frozen=True)
class PlannedMail:
    """One mail as it will be sent, or `problem`: why it cannot be, although somebody is owed it."""

    profile: str
    profile_env: str
    #: None for a mail about the run, `ALL` for a combined one.
    store_code: str | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    body: str
    attachments: tuple[Document, ...] = ()
    problem: str | None = None

    @property
    def envelope(self) -> tuple[Address, ...]:
        """Everybody who gets it, each once."""
        return self.to + self.cc + self.bcc


@dataclass(frozen=True)
class Plan:
    """Mails in the order in which to send them: about the run, about all stores, then store by store."""

    mails: tuple[PlannedMail, ...] = ()
    findings: tuple[Finding, ...] = ()


def build(facts: Facts) -> Plan:
    """Return what the run owes.

    A run without documents still owes its mails of scope run, and they say so.
    """
    run = facts.run
    if run is None:
        return Plan(findings=(_warning(f"there is no summary row of the run {facts.run_id}"),))

    if missing := _missing_row(facts, run):
        return Plan(findings=(_warning(missing),))

    return _planned(replace(facts, documents=attachments.latest(facts.documents)), run)


def _planned(facts: Facts, run: Run) -> Plan:
    """Plan the mails about the run last: they tell what is wrong with the others."""
    assigned, findings = profiles.of(facts, run)
    findings += _about_documents(facts.documents)
    findings += [_undecided(run_id) for run_id in facts.undecided]

    mails: list[PlannedMail] = []

    for scope in (Scope.STORE, Scope.COMBINED, Scope.RUN):
        remarks = _remarks(facts, run, findings) if scope is Scope.RUN else ()

        for assignment in (one for one in assigned if one.scope is scope):
            made, problems = _mails(assignment, facts, run, remarks)
            mails += made
            findings += problems

    return Plan(tuple(sorted(mails, key=_sending_order)), tuple(findings))


def _missing_row(facts: Facts, run: Run) -> str | None:
    if facts.pipeline_description is None:
        return f"the table pipelines has no row with the code {facts.pipeline_name}: nobody can be told about it"

    if run.pipeline_name != facts.pipeline_name:
        return f"the run {run.run_id} belongs to the pipeline {run.pipeline_name}, not to {facts.pipeline_name}"

    return None


def _mails(
    assignment: Assignment, facts: Facts, run: Run, remarks: tuple[str, ...]
) -> tuple[list[PlannedMail], list[Finding]]:
    mails: list[PlannedMail] = []
    findings: list[Finding] = []

    for store_code in (subjects := _subjects(assignment.scope, facts.documents)):
        mail = _mail(assignment, store_code, facts, run, remarks)
        if isinstance(mail, PlannedMail):
            mails.append(mail)
        else:
            findings.append(mail)

    if not subjects:
        findings.append(
            _warning(f"profile {assignment.profile.code} sends nothing: no store has a document")
        )

    return mails, [*findings, *_owed(mails), *_stores_without_document(assignment, subjects)]


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
    run: Run,
    remarks: tuple[str, ...],
) -> PlannedMail | Finding:
    """Return the mail about `store_code`, or the finding that says why there is none."""
    scope, code = assignment.scope, assignment.profile.code

    lists = recipients.serving(scope, store_code, assignment.routes)
    if not lists.to:
        return _nobody(code, store_code, has_bcc=bool(lists.bcc))

    wanted = attachments.wanted(scope, assignment.mode, store_code, facts.documents)

    usable = tuple(document for document in wanted if not document.problem)
    if not usable and attachments.needs_documents(scope, assignment.mode):
        return _nothing_to_attach(code, store_code, wanted)

    mail = PlannedMail(
        code, assignment.profile.env, store_code, lists.to, lists.cc, lists.bcc, "", "", usable
    )
    return _rendered(
        mail, assignment.template, template_variables.of(facts, run, store_code), remarks
    )


def _nothing_to_attach(profile: str, store_code: str | None, wanted: list[Document]) -> Finding:
    """Say why there is no mail.

    Not a warning for old reports: whoever was owed one had it before it was pruned.
    """
    if wanted and all(document.is_pruned for document in wanted):
        return Finding(
            Status.OK, f"profile {profile} sends no mail: its reports were pruned", store_code
        )

    severity = Status.ERROR if wanted else Status.WARNING
    what = "none of its documents can be attached" if wanted else "no document"

    return Finding(severity, f"profile {profile} sends no mail: {what}", store_code)


def _rendered(
    mail: PlannedMail, template: Template, context: Mapping[str, Any], remarks: tuple[str, ...]
) -> PlannedMail:
    try:
        subject = render(template.subject, context, "subject").strip()
        body = render(template.body, context, "body")
    except TemplateProblem as problem:
        return replace(mail, problem=str(problem))

    if not subject or not body.strip():
        return replace(
            mail, problem=f"the {'body' if subject else 'subject'} template renders to nothing"
        )

    if has_control(subject):
        return replace(mail, problem="the subject has a line break or another control character")

    if len(subject) > MAX_SUBJECT_CHARS:
        return replace(mail, problem=f"the subject has more than {MAX_SUBJECT_CHARS} characters")

    return replace(mail, subject=subject, body="\n\n".join([*remarks, body]))


def _remarks(facts: Facts, run: Run, findings: list[Finding]) -> tuple[str, ...]:
    """Return the paragraphs that go before the template's text: operators read them first."""
    why_empty = "" if facts.documents else plan_remarks.no_documents(run)
    return tuple(filter(None, [why_empty, plan_remarks.problems(findings)]))


def _about_documents(documents: Iterable[Document]) -> list[Finding]:
    return [
        Finding(
            Status.OK if document.is_pruned else Status.ERROR,
            f"{document.file_name} cannot be attached: {document.problem}",
            document.store_code,
        )
        for document in documents
        if document.problem
    ]


def _undecided(run_id: str) -> Finding:
    text = f"nobody knows whether a mail of run {run_id} arrived"
    return _warning(
        f"{text}; decide with: python -m jobs.notify --run-id {run_id} --accept (or --resend)"
    )


def _stores_without_document(
    assignment: Assignment, subjects: Iterable[str | None]
) -> list[Finding]:
    """Name the stores that have recipients and no document.

    Not a warning: why they have none is the run's to say.
    """
    if assignment.scope is not Scope.STORE:
        return []

    codes = {route.store_code for route in assignment.routes} - {None, ALL} - set(subjects)
    text = f"profile {assignment.profile.code} has recipients, but the run has no document of this store"

    return [Finding(Status.OK, text, code) for code in sorted(str(code) for code in codes)]


def _nobody(profile: str, store_code: str | None, *, has_bcc: bool) -> Finding:
    what = "only bcc recipients; make one of them to or cc" if has_bcc else "no recipient; add one"
    found = "there is a document, but " if store_code else ""

    return _warning(f"{found}profile {profile} has {what} in notification_recipients", store_code)


def _owed(mails: Iterable[PlannedMail]) -> list[Finding]:
    """Name what keeps mails back, once for all mails of a profile that have the same problem."""
    problems = dict.fromkeys((mail.profile, mail.problem) for mail in mails if mail.problem)
    return [
        Finding(Status.ERROR, f"profile {code}: {problem}; correct email_templates")
        for code, problem in problems
    ]


def _warning(text: str, store_code: str | None = None) -> Finding:
    return Finding(Status.WARNING, text, store_code)


def _sending_order(mail: PlannedMail) -> tuple[int, str, str, str]:
    rank = 0 if mail.store_code is None else 1 if mail.store_code == ALL else 2
    return rank, mail.store_code or "", mail.profile, mail.profile_env
