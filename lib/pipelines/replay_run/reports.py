"""The reports of a run made once more, and compared with those that it made."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from lib import terminal
from lib.config import Settings
from lib.config.settings import DrawSettings
from lib.domain.stores import ALL
from lib.model import Pipeline, RunRef, Status
from lib.pipelines.replay_run import compare, queries
from lib.pipelines.replay_run.result import ChangedUnit, ComparedPart, StoredReport, StoredRun
from lib.plural import counted, named
from lib.reports.build.combined import build_combined_daily
from lib.reports.build.daily import build_daily
from lib.reports.build.make import ReportOutcome
from lib.reports.build.period import build_period
from lib.reports.documents import pdf_text
from lib.reports.explain import pages
from lib.reports.explain.model import Page
from lib.reports.metrics.kpis import Band

#: Stores that a sentence names.
NAMED = 6


def settings_for(settings: Settings, directory: Path) -> Settings:
    """Return settings by which nothing is written but below `directory`, and this host draws."""
    volumes = replace(settings.volumes, data_dir=directory, reports_root=directory / "reports")
    draw = DrawSettings(processes=settings.draw.processes)

    return replace(settings, volumes=volumes, draw=draw)


@dataclass(frozen=True)
class MadeReports:
    """What today's code makes of what the run knew."""

    #: By store: path, checksum and figures of the report that is made now.
    rows: Mapping[str, Any]
    #: By store, why there is nothing to report now.
    missing: Mapping[str, str]
    #: By store, why its report could not be made: that may be the machine's, and says nothing about
    #: what the report would be.
    failed: Mapping[str, str]


@dataclass(frozen=True)
class ReportReplay:
    """The reports of a run on their way through today's code."""

    #: Of the scratch schema.
    engine: Engine
    run: StoredRun
    stored: Sequence[StoredReport]
    #: By which nothing real is written (`settings_for`).
    settings: Settings
    #: Where a PDF is looked for that is not where its row says: a database that was restored
    #: elsewhere names the places of the other host.
    reports_root: Path

    def parts(self, made: MadeReports) -> tuple[ComparedPart, ComparedPart]:
        """Return what became of the figures, and of the texts."""
        return _figures(self.stored, made), self._texts(made)

    @cached_property
    def _signers(self) -> dict[str, RunRef]:
        """By store, the run that signs its report: also of those that the run failed to make."""
        signers = {one.store_code: one.signer for one in self.stored}

        for code in self.run.expected:
            signers.setdefault(code, self.run.ref)

        return signers

    @property
    def _is_daily(self) -> bool:
        return self.run.ref.pipeline is Pipeline.DAILY

    def made(self) -> MadeReports:
        """Make every report that was there when the run ended, and those that it should have made.

        Each is signed by the run that signed it then.
        """
        reasons: dict[Status, dict[str, str]] = {status: {} for status in Status}

        with terminal.progress("rendering PDFs", len(self._signers)) as step:
            for outcome in self._outcomes():
                step()
                reasons[outcome.status][outcome.store_code] = outcome.reason or "no reason given"

        with self.engine.connect() as connection:
            rows = queries.reports_of(connection, self.run)

        return MadeReports(rows, reasons[Status.WARNING], reasons[Status.ERROR])

    def _outcomes(self) -> Iterator[ReportOutcome]:
        """Yield the outcomes, signer by signer, the earliest first; of a day `ALL` is the last."""
        of_signer: dict[RunRef, list[str]] = {}

        for code, signer in self._signers.items():
            of_signer.setdefault(signer, []).append(code)

        stores = self.run.expected if self.run.is_whole else self.settings.report_stores

        for signer in sorted(of_signer, key=lambda one: one.started_at):
            yield from self._of_signer(signer, of_signer[signer], stores)

        if self._is_daily and ALL in self._signers:
            signer = self._signers[ALL]
            yield from build_combined_daily(self.engine, signer, stores, self.settings)

    def _of_signer(
        self,
        signer: RunRef,
        codes: Sequence[str],
        stores: Sequence[str],
    ) -> Iterator[ReportOutcome]:
        own = [code for code in codes if code != ALL]

        if self._is_daily:
            without = Status.WARNING
            return build_daily(self.engine, signer, own, self.settings, without_data=without)

        every = tuple(dict.fromkeys([*stores, *own]))
        done = {*every, ALL} - {*codes}

        return build_period(
            self.engine,
            signer,
            self.run.period,
            every,
            self.settings,
            done=done,
        )

    def _texts(self, made: MadeReports) -> ComparedPart:
        found: dict[str, list[str]] = {}
        gone: list[str] = []
        redrawn: list[str] = []
        number = 0

        for one in self.stored:
            now = made.rows.get(one.store_code)

            # That there is none now is told with the figures.
            if now is None:
                continue

            if one.checksum == now.checksum:
                number += 1
                continue

            then = _content(one, self.reports_root)

            if then is None:
                gone.append(one.store_code)
                continue

            number += 1
            lines = compare.lines(
                pdf_text.lines(then),
                pdf_text.lines(Path(now.file_path).read_bytes()),
            )

            if not lines:
                redrawn.append(one.store_code)

            found[one.store_code] = lines

        return ComparedPart(
            "report text",
            _reports(number),
            tuple(self._differences(found)),
            tuple(_not_compared(gone, redrawn)),
        )

    def _differences(self, found: Mapping[str, Sequence[str]]) -> Iterator[ChangedUnit]:
        """Yield the reports that have lines in `found`."""
        differing = {code: lines for code, lines in found.items() if lines}

        if not differing:
            return

        vocabulary = self._vocabulary(differing)

        for code, lines in differing.items():
            yield _difference(code, lines, vocabulary)

    def _vocabulary(self, store_codes: Iterable[str]) -> set[str]:
        """Return the words that these reports print of their figures, as jobs.explain knows them.

        None of them is a customer's.
        """
        texts: list[str] = [*Band]

        with self.engine.connect() as connection:
            for code in store_codes:
                page = None if code == ALL else self._page(connection, code)

                for figure in page.figures if page else ():
                    texts += [figure.section, figure.label, *figure.printed]

        return compare.words(texts)

    def _page(self, connection: Connection, code: str) -> Page | None:
        signer, zone = self._signers[code], self.settings.zone

        if self._is_daily:
            return pages.daily_page(connection, signer, code, zone=zone, mails=())

        period = self.run.period
        return pages.period_page(connection, signer, period, code, zone=zone, mails=())


def _figures(stored: Sequence[StoredReport], made: MadeReports) -> ComparedPart:
    differences = []
    without: list[str] = []
    number = 0

    for one in stored:
        now = made.rows.get(one.store_code)

        if one.store_code in made.failed:
            continue

        if not one.figures:
            without.append(one.store_code)
            continue

        number += 1

        if now is None:
            reason = made.missing.get(one.store_code, "no reason given")
            differences.append(ChangedUnit(one.store_code, (f"no report now: {reason}",)))
        elif lines := compare.figures(one.figures, now.figures_json or {}):
            differences.append(ChangedUnit(one.store_code, tuple(lines)))

    known = {one.store_code for one in stored}

    for code in sorted(made.rows.keys() - known):
        differences.append(ChangedUnit(code, ("no report then, one now",)))

    reasons = [f"no report of {code} now: {why}" for code, why in sorted(made.failed.items())]

    if without:
        reasons.append(f"the reports of {named(without, NAMED)} were stored without figures")

    return ComparedPart("figures", _reports(number), tuple(differences), tuple(reasons))


def _difference(store_code: str, lines: Sequence[str], vocabulary: Collection[str]) -> ChangedUnit:
    """Return the lines; those that may be a customer's data apart. `ALL` has no customers."""
    if store_code == ALL:
        return ChangedUnit(store_code, tuple(lines))

    shown: list[str] = []
    rows: list[str] = []

    for line in lines:
        (shown if compare.is_known(line, vocabulary) else rows).append(line)

    return ChangedUnit(store_code, tuple(shown), tuple(rows))


def _content(report: StoredReport, reports_root: Path) -> bytes | None:
    """Return the bytes of the report; None where that file is not there any more."""
    named = Path(report.path or "")

    for path in (named, reports_root / named.parent.name / named.name):
        try:
            content = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            continue

        if hashlib.sha256(content).hexdigest() == report.checksum:
            return content

    return None


def _not_compared(gone: Sequence[str], redrawn: Sequence[str]) -> Iterator[str]:
    if gone:
        yield (
            f"the PDFs of {named(gone, NAMED)} are not kept any more,"
            " and those that are made now have other bytes"
        )

    if redrawn:
        yield (
            f"the PDFs of {named(redrawn, NAMED)} say the same in other bytes:"
            " how a picture or a page looks is not compared"
        )


def _reports(number: int) -> str:
    return counted(number, "report") if number else ""
