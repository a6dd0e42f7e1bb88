"""What went wrong in a run, each cause once with its stores: what came first, then what followed.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lib.model import Phase, Status
from lib.run.record import Outcome

#: A unit of work that is about one store: `TS48`, `TS48 missed_leads`.
_UNIT = re.compile(r"(?P<code>[A-Z0-9]{1,16})(?: (?P<what>[a-z_]+))?")
#: What is in front of the cause in the text of an error: `TS48: `, `the dashboard is missing: `.
_STORE = re.compile(r"^[A-Z0-9]{1,16}: ")
_MISSING = re.compile(r"^(?:the )?(?P<what>[a-z_ ]+) is missing: ")


class Rank(StrEnum):
    """Where a cause stands among the others; the first rank is to be read first."""

    #: An error that nothing before it explains.
    ROOT = "root"
    #: An error about a store, or a store's export, that had failed in an earlier phase.
    CONSEQUENCE = "consequence"
    #: A warning: nothing is owed because of it.
    REMARK = "remark"


@dataclass
class Cause:
    """One reason, and all that it was met at."""

    rank: Rank
    reason: str
    #: By store code, in the order of the run, what of the store it is about; perhaps nothing more.
    stores: dict[str, list[str]] = field(default_factory=dict)
    #: Units that are no store's: a bucket, for example.
    others: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON values: what `causes` of a run's metrics holds."""
        return {
            "rank": str(self.rank),
            "reason": self.reason,
            "stores": self.stores,
            "others": self.others,
        }


def causes(outcomes: Iterable[Outcome]) -> list[Cause]:
    """Return each reason of an error or a warning once: roots, consequences, then remarks.

    In each rank the one that was met first comes first. What became of mails is left out: a mail
    about the run is planned before any is sent.
    """
    found: dict[tuple[Rank, str], Cause] = {}
    failed: list[Outcome] = []

    for outcome in outcomes:
        if outcome.status is Status.OK or outcome.phase is Phase.NOTIFY:
            continue

        rank = _rank(outcome, failed)
        code, what, reason = _parts(outcome)
        cause = found.setdefault((rank, reason), Cause(rank, reason))

        if outcome.status is Status.ERROR:
            failed.append(outcome)

        if code:
            named = cause.stores.setdefault(code, [])
            if what and what not in named:
                named.append(what)
        elif outcome.unit and outcome.unit not in cause.others:
            cause.others.append(outcome.unit)

    ranks = list(Rank)
    return sorted(found.values(), key=lambda cause: ranks.index(cause.rank))


def _rank(outcome: Outcome, failed: Iterable[Outcome]) -> Rank:
    if outcome.status is not Status.ERROR:
        return Rank.REMARK

    code = _code(outcome.unit)

    for earlier in failed:
        if earlier.phase is outcome.phase:
            continue

        # A whole phase that fails, such as the login, takes all that comes after it along; so do
        # the figures of a store with its report.
        is_same = not earlier.unit or earlier.unit == outcome.unit
        is_report = outcome.phase is Phase.REPORT and _code(earlier.unit) == code
        if is_same or (code and is_report):
            return Rank.CONSEQUENCE

    return Rank.ROOT


def _code(unit: str) -> str:
    found = _UNIT.fullmatch(unit)
    return found["code"] if found else ""


def _parts(outcome: Outcome) -> tuple[str, str, str]:
    """Return store code, what of the store, and the reason without either; empty if there is none.

    The reason of two stores is the same text then.
    """
    found = _UNIT.fullmatch(outcome.unit)
    if not found:
        return "", "", outcome.reason

    code, what = found["code"], found["what"] or ""
    reason = _STORE.sub("", outcome.reason)

    if missing := _MISSING.match(reason):
        what = what or missing["what"].removeprefix("export ")
        reason = reason[missing.end() :]

    # Its own code would make another cause of each store's.
    reason = re.sub(rf"\b{code}\b", "the store", reason)
    return code, what, reason
