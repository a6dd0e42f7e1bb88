"""Which profiles apply to a run, each with all that its mails need. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.model import Finding, Status
from lib.notify.model.rows import (
    RUN_ENVS,
    AttachMode,
    Facts,
    Profile,
    Run,
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


def of(facts: Facts, run: Run) -> tuple[list[Assignment], list[Finding]]:
    """Return an assignment for each active profile of the run's env, and findings for what is unusable or odd."""
    applying = [
        p for p in facts.profiles if p.is_active and recipients.env_matches(p.env, run.run_env)
    ]
    found, findings = [], _about_env(run)

    if not applying:
        findings.append(
            _warning(f"no active profile of {facts.pipeline_name} applies to the env {run.run_env}")
        )

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
    profile: Profile, template: Template, facts: Facts, run: Run
) -> tuple[Assignment, list[Finding]]:
    routes, findings = recipients.routes(profile, facts.recipients, run.run_env)

    scope, mode = Scope(profile.scope), AttachMode(profile.attach_mode)
    if contradiction := attachments.contradiction(scope, mode):
        findings.append(_warning(f"profile {profile.code}: {contradiction}"))

    return Assignment(profile, scope, mode, template, tuple(routes)), findings


def _unknown(profile: Profile) -> str | None:
    if profile.scope not in set(Scope):
        return f"its scope {profile.scope!r} is not one of {', '.join(Scope)}"

    if profile.attach_mode not in set(AttachMode):
        return f"its attach mode {profile.attach_mode!r} is not one of {', '.join(AttachMode)}"

    return None


def _template(profile: Profile, templates: Iterable[Template]) -> Template | None:
    mine = (
        t for t in templates if t.profile_id == profile.id and t.is_active and t.name == "default"
    )
    return next(mine, None)


def _about_env(run: Run) -> list[Finding]:
    if run.run_env in RUN_ENVS:
        return []

    known = ", ".join(sorted(RUN_ENVS))
    return [
        _warning(
            f"the run's env {run.run_env!r} is not one of {known}: only rows for any apply to it"
        )
    ]


def _warning(text: str) -> Finding:
    return Finding(Status.WARNING, text)
