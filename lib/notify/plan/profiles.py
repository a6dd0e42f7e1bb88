"""Which profiles apply to a run, each with all that its mails need.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.model import Finding, Status
from lib.notify.model.rows import (
    RUN_ENVS,
    AttachMode,
    Facts,
    Profile,
    RunSummaryRow,
    Scope,
    Template,
)
from lib.notify.plan import attachments, recipients


@dataclass(frozen=True)
class Assignment:
    """A profile that applies, read and checked."""

    profile: Profile
    scope: Scope
    mode: AttachMode
    template: Template
    routes: tuple[recipients.Route, ...]


def assignments(facts: Facts, run: RunSummaryRow) -> tuple[list[Assignment], list[Finding]]:
    """Return an assignment for each active profile of the run's env, and their problems."""
    found = []
    findings = _about_env(run)
    active = [profile for profile in facts.profiles if profile.is_active]
    applying = []

    for one in active:
        if recipients.env_matches(one.env, run.run_env):
            applying.append(one)

    if not applying:
        text = f"no active profile of {facts.pipeline_name} applies to the env {run.run_env}"
        findings.append(_warning(text))

    for profile in applying:
        template = _template(profile, facts.templates)
        if template is None or (problem := _unknown(profile)):
            reason = problem if template else "it has no active template named default"
            findings.append(_warning(f"profile {profile.code} sends nothing: {reason}"))
        else:
            assignment, problems = _assignment(profile, template, facts, run)
            found.append(assignment)
            findings += problems

    return found, findings


def _assignment(
    profile: Profile,
    template: Template,
    facts: Facts,
    run: RunSummaryRow,
) -> tuple[Assignment, list[Finding]]:
    routes, findings = recipients.routes(
        profile,
        facts.recipients,
        run.run_env,
    )
    scope = Scope(profile.scope)
    mode = AttachMode(profile.attach_mode)

    if contradiction := attachments.contradiction(scope, mode):
        findings.append(_warning(f"profile {profile.code}: {contradiction}"))

    return Assignment(
        profile,
        scope,
        mode,
        template,
        tuple(routes),
    ), findings


def _unknown(profile: Profile) -> str | None:
    """Return which of the profile's words has no meaning to us; None if all have one."""
    if profile.scope not in set(Scope):
        return f"its scope {profile.scope!r} is not one of {', '.join(Scope)}"

    if profile.attach_mode not in set(AttachMode):
        return f"its attach mode {profile.attach_mode!r} is not one of {', '.join(AttachMode)}"

    return None


def _template(profile: Profile, templates: Iterable[Template]) -> Template | None:
    for template in templates:
        is_default = template.is_active and template.name == "default"
        if is_default and template.profile_id == profile.id:
            return template

    return None


def _about_env(run: RunSummaryRow) -> list[Finding]:
    if run.run_env in RUN_ENVS:
        return []

    known = ", ".join(sorted(RUN_ENVS))
    text = f"the run's env {run.run_env!r} is not one of {known}: only rows for any apply to it"

    return [_warning(text)]


def _warning(text: str) -> Finding:
    return Finding(Status.WARNING, text)
