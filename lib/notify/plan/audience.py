"""Whom the mails of a run would reach, before there is anything to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Engine

from lib.notify.model.addresses import Address
from lib.notify.model.rows import ALL, Facts, Profile, Scope
from lib.notify.plan import queries, recipients


def audience(
    engine: Engine, pipeline_name: str, run_env: str, store_codes: Sequence[str]
) -> list[str]:
    """Return a line for each mail that such a run could send about these stores, with its readers masked.

    Whether it goes depends on the documents that the run makes.
    """
    with engine.connect() as connection:
        facts = queries.read(connection, pipeline_name, run_id="")

    return list(reached(facts, run_env, store_codes))


def reached(facts: Facts, run_env: str, store_codes: Sequence[str]) -> Iterator[str]:
    """Do the work of `audience` on what the database says. Pure."""
    for profile in facts.profiles:
        if (
            not profile.is_active
            or not recipients.env_matches(profile.env, run_env)
            or profile.scope not in set(Scope)
        ):
            continue

        routes, _ = recipients.routes(profile, facts.recipients, run_env)

        for code in _subjects(profile, store_codes):
            lists = recipients.serving(Scope(profile.scope), code, routes)
            readers = [
                f"{kind} {_masked(people)}"
                for kind in ("to", "cc", "bcc")
                if (people := getattr(lists, kind))
            ]

            yield f"{profile.code}{f' {code}' if code else ''}: {', '.join(readers) or 'nobody'}"


def _subjects(profile: Profile, store_codes: Sequence[str]) -> Sequence[str | None]:
    match Scope(profile.scope):
        case Scope.RUN:
            return [None]
        case Scope.COMBINED:
            return [ALL]
        case Scope.STORE:
            return store_codes


def _masked(people: Iterable[Address]) -> str:
    return " ".join(map(str, people))
