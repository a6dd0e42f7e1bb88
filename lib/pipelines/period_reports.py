"""The reports of one period in one run: what there is to report, and what is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lib.dates import Period
from lib.domain.stores import ALL
from lib.model import Phase, Status
from lib.pipelines import report_outcomes
from lib.reports.build.make import ReportOutcome
from lib.run import Outcome, Run

#: Days that a warning lists one by one.
_LISTED_DAYS = 4

#: `lib.reports.build.period.build_period`, or what stands for it.
Build = Callable[..., Iterable[ReportOutcome]]


@dataclass(frozen=True)
class PeriodReports:
    """One period, and the stores that were chosen for it."""

    run: Run
    period: Period
    stores: tuple[str, ...]
    #: Every report store was chosen; the report about all of them belongs to such a run only.
    is_whole: bool

    def note(
        self,
        label: str,
        days: Mapping[str, Collection[date]],
        opened: Mapping[str, date],
    ) -> None:
        """Put into the run what data there are, and which days are missing.

        `days` are the stored days of each store, `opened` is the first one it ever had.

        Source: docs/reference/domain.md#run-summary.
        """
        missing = [code for code in self.stores if code not in days]
        missing_days = self._missing_days(days, opened)
        first, last = self.period.first.isoformat(), self.period.last.isoformat()

        self.run.metrics |= {
            "period": {"start": first, "end": last, "label": label},
            "stores_expected": sorted(self.stores),
            "stores_with_data": sorted(days),
            "stores_without_data": sorted(missing),
            "missing_days": {code: _iso(found) for code, found in missing_days.items()},
            "rows_found": sum(map(len, days.values())),
            "pdfs_generated": 0,
        }

        self.run.details += [
            f"- Period: {self.period}",
            f"- Stores with data: {', '.join(sorted(days)) or 'none'}",
        ]

        if not days:
            self.run.record(
                Outcome(
                    Phase.REPORT,
                    Status.WARNING,
                    "",
                    f"no report store has data in {self.period}",
                )
            )

            return

        for code in missing:
            reason = f"no data in {self.period}, so it has no report"
            self.run.record(
                Outcome(
                    Phase.REPORT,
                    Status.WARNING,
                    code,
                    reason,
                )
            )

        for code, found in missing_days.items():
            reason = f"no figures of {_listed(found)}; the report is made without them"
            self.run.record(
                Outcome(
                    Phase.REPORT,
                    Status.WARNING,
                    code,
                    reason,
                )
            )

    def _missing_days(
        self,
        days: Mapping[str, Collection[date]],
        opened: Mapping[str, date],
    ) -> dict[str, list[date]]:
        """Return the days of the period that a store lacks since it was opened, if it lacks any."""
        missing = {}

        for code in sorted(days):
            lacking = []

            for day in self.period.days():
                if day not in days[code] and day > opened.get(code, self.period.first):
                    lacking.append(day)

            if lacking:
                missing[code] = lacking

        return missing

    def make(
        self,
        days: Mapping[str, Collection[date]],
        made: Mapping[str, Path],
        build: Build,
    ) -> None:
        """Make what is not among `made` and put all that there is into the run."""
        codes = tuple(code for code in self.stores if code in days)
        wanted = {*codes, ALL} if self.is_whole else {*codes}

        files = {}

        for code, path in made.items():
            if code in wanted:
                files[code] = str(path)

        if owed := wanted - files.keys():
            # All of them, for the combined report names the stores without data.
            done = {*self.stores, ALL} - owed
            outcomes = build(
                self.run.engine,
                self.run.ref,
                self.period,
                self.stores,
                done=done,
            )

            files |= report_outcomes.draw(
                self.run,
                outcomes,
                len(owed),
            )[0]

        self.run.metrics |= {
            "pdfs_generated": len(files),
            "pdf": {"records": report_outcomes.records(files)},
        }

        self.run.notes[Phase.REPORT] = f"{len(files)}/{len(wanted)} PDFs"


def _iso(days: Sequence[date]) -> list[str]:
    found = []

    for day in days:
        found.append(day.isoformat())

    return found


def _listed(days: Sequence[date]) -> str:
    """Return the days in a row, the middle of a long row as a count."""
    texts = _iso(days)
    if len(texts) <= _LISTED_DAYS:
        return ", ".join(texts)

    return f"{texts[0]} … {texts[-1]} ({len(texts)} days)"
