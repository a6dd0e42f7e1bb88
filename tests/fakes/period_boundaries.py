"""The weekly job's doors to reports and mail.

Rows in `documents` instead of PDFs, a list instead of a server.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert, select

from lib.db.tables import documents
from lib.model import Status
from lib.notify import NotifyResult
from lib.reports.build.make import ReportOutcome
from tests.factories.documents import report_row


class Killed(BaseException):
    """Stands for the end of the process at this very place."""


@dataclass
class Doors:
    """Counts the units of work, and ends the process before the one that it is told."""

    made: list[tuple] = field(default_factory=list)
    """(last day of the period, store code) of each report, in order."""
    said: list[frozenset] = field(default_factory=list)
    """For each telling, the reports that went out: each only once, as the outbox holds it."""
    failing: set[str] = field(default_factory=set)
    """Stores whose report fails."""
    units_left: int | None = None
    root: Path | None = None
    """Where each report gets a file that can be mailed; None: its row is enough."""

    def build(self, engine, run, period, store_codes, settings, *, done=()):  # noqa: ARG002 - named as the real one does
        for code in [*store_codes, "ALL"]:
            if code in done:
                continue
            self._unit()
            if code in self.failing:
                yield ReportOutcome(code, Status.ERROR, None, "it cannot be drawn")
                continue
            path = Path(f"{code}_{period.last}.pdf")
            row = report_row(run, code, file_name=path.name, file_path=str(path), status="ok")
            if self.root:
                path = self.root / path
                path.write_bytes(b"%PDF-1.7")
                row |= {"file_path": str(path)}
            with engine.begin() as connection:
                connection.execute(insert(documents).values(**row))
            self.made.append((period.last, code))
            yield ReportOutcome(code, Status.OK, path)

    def send(self, pipeline_name, run_id, *, engine, settings):
        return self.send_digest(pipeline_name, [run_id], engine=engine, settings=settings)[run_id]

    def send_digest(self, _pipeline_name, run_ids, *, engine, settings):  # noqa: ARG002 - named as the real one does
        self._unit()
        known = frozenset().union(*self.said)
        with engine.connect() as connection:
            rows = connection.execute(select(documents.c.doc_date, documents.c.reference_id_3))
            self.said.append(frozenset(tuple(row) for row in rows) - known)
        self._unit()
        return dict.fromkeys(run_ids, NotifyResult())

    def _unit(self):
        if self.units_left is not None:
            self.units_left -= 1
            if self.units_left < 0:
                raise Killed
