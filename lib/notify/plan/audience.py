"""Which readers the mails of a run would reach, before there is anything to send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from lib.domain.stores import ALL
from lib.notify.model.rows import Facts, Profile, Scope
from lib.notify.plan import queries, recipients
from lib.notify.plan.recipients import Lists


def audience(
    engine: Engine,
    pipeline_name: str,
    run_env: str,
    store_codes: Sequence[str],
) -> list[str]:
    """Return a line for each mail that such a run could send about these stores.

    Readers are masked. Whether a mail goes depends on the documents that the run makes.
    """
    with engine.connect() as connection:
        facts = queries.read(
            connection,
            pipeline_name,
            run_id="",
        )

    return list(reached(facts, run_env, store_codes))


def reached(
    facts: Facts,
    run_env: str,
    store_codes: Sequence[str],
) -> Iterator[str]:
    """Yield the lines of `audience`, from what the database says. Pure."""
    for profile in facts.profiles:
        applies = profile.is_active and recipients.env_matches(profile.env, run_env)
        if not applies or profile.scope not in set(Scope):
            continue

        routes, _ = recipients.routes(
            profile,
            facts.recipients,
            run_env,
        )

        for code in _subjects(profile, store_codes):
            lists = recipients.serving(
                Scope(profile.scope),
                code,
                routes,
            )
            about = f" {code}" if code else ""

            yield f"{profile.code}{about}: {_masked(lists) or 'nobody'}"


def _subjects(profile: Profile, store_codes: Sequence[str]) -> Sequence[str | None]:
    match Scope(profile.scope):
        case Scope.RUN:
            return [None]
        case Scope.COMBINED:
            return [ALL]
        case Scope.STORE:
            return store_codes


def _masked(lists: Lists) -> str:
    named = {
        "to": lists.to,
        "cc": lists.cc,
        "bcc": lists.bcc,
    }
    parts = []

    for kind, people in named.items():
        if people:
            parts.append(f"{kind} {' '.join(map(str, people))}")

    return ", ".join(parts)
