"""The first line of the overview: which owners have no report this morning, and why. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from lib.model import Pipeline
from lib.pipelines.status.facts import Morning, RunRow, runs_of
from lib.plural import counted, named, shortened

#: Stores that are named for one reason; the others are counted.
NAMED = 8
LONGEST_REASON = 90
#: A line of a summary's issues that is about one store: `- TS48 missed_leads: …`.
_ISSUE = re.compile(r"- (?P<code>[A-Z0-9]{1,16})(?: [a-z_]+)?: (?P<reason>.+)")
#: What is in front of the cause in the text of an error about a store.
_FRAME = re.compile(r"^[A-Z0-9]{1,16}: |^[a-z_ ]+ is missing: ")


def headline(morning: Morning) -> str:
    """Return one line: `Today: 2 of 16 stores have no report: TS48 (…), B002 (…)`."""
    parts = [_reports(morning)]

    refused = morning.refused
    if refused:
        mails = "1 owner's mail was" if len(refused) == 1 else f"{len(refused)} owners' mails were"
        parts.append(f"{mails} refused: {', '.join(refused)}")

    return f"Today: {'; '.join(parts)}"


def reason_of(
    store_code: str,
    runs: Iterable[RunRow],
    report_on: date,
) -> str:
    """Return why the store has no report, from the latest daily run that says it; empty if none.

    A run lists its errors in the order of its work, so the first one about the store is the cause.
    A run that failed before any store was read has a reason for all of them.
    """
    for run in reversed(runs_of(runs, Pipeline.DAILY, report_on)):
        general = ""

        for line in _issues(run.summary):
            found = _ISSUE.fullmatch(line)

            if found and found["code"] == store_code:
                return _shortened(found["reason"])

            if not found and not general:
                general = _shortened(line.removeprefix("- "))

        if general:
            return general

    return ""


def _reports(morning: Morning) -> str:
    total = len(morning.stores)
    missing = len(morning.missing)

    if not total:
        return "no store is configured to get a report (REPORT_STORES_LIST)"

    if not missing:
        return "1 store has its report" if total == 1 else f"all {total} stores have their report"

    verb = "has" if missing == 1 else "have"
    text = f"{missing} of {counted(total, 'store')} {verb} no report"

    if morning.is_running:
        return f"{text} yet: the daily run is at work"

    if not morning.has_run:
        return f"{text}: no daily run of {morning.report_on} has begun"

    return f"{text}: {', '.join(_by_reason(morning.missing))}"


def _by_reason(missing: Mapping[str, str]) -> list[str]:
    """Return the stores with their reason, those of one reason together."""
    codes: dict[str, list[str]] = {}

    for code, reason in missing.items():
        codes.setdefault(reason, []).append(code)

    texts = []

    for reason, several in codes.items():
        texts.append(f"{named(several, NAMED)} ({reason or 'the runs do not say why'})")

    return texts


def _issues(summary: str) -> Iterator[str]:
    """Yield the lines of the summary's last section."""
    _, _, section = summary.partition("\nIssues:\n")

    for line in section.splitlines():
        if line.startswith("- ") and line != "- none":
            yield line


def _shortened(reason: str) -> str:
    while frame := _FRAME.match(reason):
        reason = reason[frame.end() :]

    return shortened(reason, LONGEST_REASON)
