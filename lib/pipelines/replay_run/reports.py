"""The reports of a run made once more, and compared with those that it made."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
from lib.reports.metrics.kpis import Band

#: Stores that a sentence names.
NAMED = 6


@dataclass(frozen=True)
class MadeReports:
    """What today's code makes of what the run knew."""

    #: By store: path, checksum and figures of the report that is made now.
    rows: Mapping[str, Any]
    #: By store, why there is none now.
    missing: Mapping[str, str]
    #: Words that the reports print of their figures, none of which is a customer's.
    vocabulary: frozenset[str]


def settings_for(settings: Settings, directory: Path) -> Settings:
    """Return settings by which nothing is written but below `directory`, and this host draws."""
    volumes = replace(settings.volumes, data_dir=directory, reports_root=directory / "reports")
    draw = DrawSettings(processes=settings.draw.processes)

    return replace(settings, volumes=volumes, draw=draw)


def make(
    engine: Engine,
    run: StoredRun,
    reports: Sequence[StoredReport],
    settings: Settings,
) -> MadeReports:
    """Make every report that was there when the run ended, and those that it should have made.

    Each is signed by the run that signed it then.
    """
    signers = {one.store_code: one.signer for one in reports}

    for code in run.expected:
        signers.setdefault(code, run.ref)

    missing = {}

    with terminal.progress("rendering PDFs", len(signers)) as step:
        for outcome in _outcomes(engine, run, signers, settings):
            step()

            if outcome.status is not Status.OK:
                missing[outcome.store_code] = outcome.reason or "no reason given"

    with engine.connect() as connection:
        rows = queries.reports_of(connection, run)
        said = list(_said(connection, run, signers, settings))

    vocabulary = compare.words([*said, *Band])
    return MadeReports(rows, missing, frozenset(vocabulary))


def _outcomes(
    engine: Engine,
    run: StoredRun,
    signers: Mapping[str, RunRef],
    settings: Settings,
) -> Iterator[ReportOutcome]:
    """Yield the outcomes, signer by signer, the earliest first; `ALL` is the last."""
    of_signer: dict[RunRef, list[str]] = {}

    for code, signer in signers.items():
        of_signer.setdefault(signer, []).append(code)

    stores = run.expected if run.is_whole else settings.report_stores

    for signer in sorted(of_signer, key=lambda one: one.started_at):
        codes = of_signer[signer]

        if run.ref.pipeline is Pipeline.DAILY:
            own = [code for code in codes if code != ALL]
            yield from build_daily(engine, signer, own, settings, without_data=Status.WARNING)
        else:
            done = {*stores, *signers, ALL} - {*codes}
            every = tuple(dict.fromkeys([*stores, *(code for code in codes if code != ALL)]))
            yield from build_period(engine, signer, run.period, every, settings, done=done)

    if run.ref.pipeline is Pipeline.DAILY and ALL in signers:
        yield from build_combined_daily(engine, signers[ALL], stores, settings)


def _said(
    connection: Connection,
    run: StoredRun,
    signers: Mapping[str, RunRef],
    settings: Settings,
) -> Iterator[str]:
    """Yield what the reports print of their figures, as jobs.explain knows it."""
    for code, signer in signers.items():
        if code == ALL:
            continue

        if run.ref.pipeline is Pipeline.DAILY:
            page = pages.daily_page(connection, signer, code, zone=settings.zone, mails=())
        else:
            page = pages.period_page(
                connection, signer, run.period, code, zone=settings.zone, mails=()
            )

        for figure in page.figures if page else ():
            yield from (figure.section, figure.label, *figure.printed)


def compared(
    stored: Sequence[StoredReport],
    made: MadeReports,
) -> tuple[ComparedPart, ComparedPart]:
    """Return what became of the figures, and of the text of the reports."""
    return _figures(stored, made), _texts(stored, made)


def _figures(stored: Sequence[StoredReport], made: MadeReports) -> ComparedPart:
    differences = []
    without: list[str] = []
    number = 0

    for one in stored:
        now = made.rows.get(one.store_code)

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

    for code in made.rows.keys() - known:
        differences.append(ChangedUnit(code, ("no report then, one now",)))

    reasons = []

    if without:
        reasons.append(f"the reports of {named(without, NAMED)} were stored without figures")

    return ComparedPart("figures", _reports(number), tuple(differences), tuple(reasons))


def _texts(stored: Sequence[StoredReport], made: MadeReports) -> ComparedPart:
    differences = []
    gone: list[str] = []
    redrawn: list[str] = []
    number = 0

    for one in stored:
        now = made.rows.get(one.store_code)

        # That there is none now is told with the figures.
        if now is None:
            continue

        if one.checksum == now.checksum:
            number += 1
            continue

        then = _content(one)

        if then is None:
            gone.append(one.store_code)
            continue

        number += 1
        lines = compare.lines(
            pdf_text.lines(then), pdf_text.lines(Path(now.file_path).read_bytes())
        )

        if lines:
            differences.append(_difference(one.store_code, lines, made.vocabulary))
        else:
            redrawn.append(one.store_code)

    return ComparedPart(
        "report text",
        _reports(number),
        tuple(differences),
        tuple(_not_compared(gone, redrawn)),
    )


def _difference(store_code: str, lines: Sequence[str], vocabulary: Collection[str]) -> ChangedUnit:
    """Return the lines; those that may be a customer's data apart. `ALL` has no customers."""
    if store_code == ALL:
        return ChangedUnit(store_code, tuple(lines))

    shown: list[str] = []
    rows: list[str] = []

    for line in lines:
        (shown if compare.is_known(line, vocabulary) else rows).append(line)

    return ChangedUnit(store_code, tuple(shown), tuple(rows))


def _content(report: StoredReport) -> bytes | None:
    """Return the bytes of the report; None where that file is not there any more."""
    try:
        content = Path(report.path or "").read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None

    is_same = hashlib.sha256(content).hexdigest() == report.checksum
    return content if is_same else None


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
