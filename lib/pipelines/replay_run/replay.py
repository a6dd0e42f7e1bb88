"""A run that has ended, made again from what is stored of it, beside the real tables and files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from lib import log
from lib.config import Settings
from lib.db import migrations, scratch
from lib.db.engine import connect
from lib.errors import UsageError
from lib.model import RUNNING, Phase, Pipeline
from lib.pipelines.replay_run import as_of_queries, exports, mails, queries
from lib.pipelines.replay_run.as_of_queries import AsOf
from lib.pipelines.replay_run.exports import ExportReplay, StoredExports
from lib.pipelines.replay_run.reports import ReportReplay, settings_for
from lib.pipelines.replay_run.result import (
    ComparedPart,
    Result,
    StoredMail,
    StoredReport,
    StoredRun,
    days,
)
from lib.plural import counted
from lib.scratch_directory import Purpose, scratch_directory


def replay(settings: Settings, run_id: str) -> Result:
    """Return what is different when this code makes the run `run_id` again.

    1. What is stored of the run is read, in one snapshot in which nothing can be written.
    2. A scratch schema is made, and what the run knew is copied into it.
    3. The kept exports are merged and loaded there.
    4. The reports are made there, into a directory that is removed.
    5. The mails are planned there.
    6. Each is compared with what the run stored.

    Real tables and files are only read; the portal and the mail server are not asked. Raise
    UsageError for a run that there is not, that is at work, or of which nothing is kept.
    """
    engine = connect(settings.database_url, application_name=f"simplify replay_run {run_id}")

    try:
        with (
            scratch_directory(Purpose.REPLAY) as directory,
            scratch.schema(engine, settings.database_url) as inside,
        ):
            return _Replay(settings, engine, inside, directory).result(run_id)
    finally:
        engine.dispose()


class _Replay:
    """One replay: the real tables, the scratch schema and the directory of its files."""

    def __init__(
        self,
        settings: Settings,
        real: Engine,
        inside: Engine,
        directory: Path,
    ) -> None:
        self._settings = settings
        self._real = real
        self._inside = inside
        self._directory = directory
        (directory / "exports").mkdir()

    def result(self, run_id: str) -> Result:
        """Return everything that was found."""
        with self._reading() as connection:
            migrations.require_current(connection)
            run = _ended(queries.stored_run(connection, run_id))
            made = queries.stored_reports(connection, run)
            owed = queries.stored_mails(connection, run)
            loaded = exports.stored(
                connection,
                run,
                self._settings.volumes.data_dir,
                self._directory / "exports",
                self._settings.zone,
            )
            as_of = AsOf(
                scratch.real_schema(connection),
                run,
                tuple(
                    as_of_queries.stores_of(
                        self._settings.report_stores,
                        run,
                        [one.store_code for one in made],
                    )
                ),
            )
            remarks = tuple(self._remarks(connection, as_of, made))

        if not (made or owed or loaded.files):
            raise UsageError(
                f"nothing of the run {run_id} is kept that could be compared:"
                " no report, no mail, no export"
            )

        return self._compared(run, as_of, (made, owed, loaded), remarks)

    def _compared(
        self,
        run: StoredRun,
        as_of: AsOf,
        stored: tuple[list[StoredReport], list[StoredMail], StoredExports],
        remarks: tuple[str, ...],
    ) -> Result:
        made, owed, loaded = stored
        settings = settings_for(self._settings, self._directory)

        with log.phase(Phase.DB), self._inside.begin() as connection:
            as_of_queries.copy(connection, as_of, made)
            as_of_queries.copy_rejects(connection, as_of, loaded.files)

        with log.phase(Phase.INGEST):
            rows = ExportReplay(
                self._inside,
                run,
                loaded,
                self._directory / "merged",
                as_of.source,
                settings.zone,
            ).part()

        with log.phase(Phase.REPORT):
            report_replay = ReportReplay(
                self._inside,
                run,
                made,
                settings,
                self._settings.volumes.reports_root,
            )
            made_now = report_replay.made()
            figures, texts = report_replay.parts(made_now)

        with log.phase(Phase.NOTIFY):
            if made_now.failed:
                why = "the plan would lack the reports that could not be made now"
                plan = ComparedPart("mail plan", not_compared=(why,))
            else:
                plan = mails.replay(self._inside, run, owed, settings)

        # Only a daily run loads anything.
        loaded_now = (rows,) if run.ref.pipeline is Pipeline.DAILY else ()

        return Result(
            run,
            (*loaded_now, figures, texts, plan),
            remarks,
            has_failed=bool(made_now.failed),
        )

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        reading = self._real.execution_options(
            isolation_level="REPEATABLE READ",
            postgresql_readonly=True,
        )

        with reading.connect() as connection:
            yield connection

    def _remarks(
        self,
        connection: Connection,
        as_of: AsOf,
        made: list[StoredReport],
    ) -> Iterator[str]:
        """Yield what a difference may come from besides the code."""
        run = as_of.run
        again = queries.read_again_since(connection, run, as_of.stores)

        for code, found in again.items():
            yield (
                f"The dashboard of {code} for {days(found)} was read again since:"
                " what the run read is not kept."
            )

        late = [one.store_code for one in made if one.made_at > run.known_until]

        if late:
            reports_since = counted(len(late), "report was", "reports were")
            yield f"{reports_since} made again since, with the data of that time."

        if queries.has_emptied_forms(connection, as_of.stores, run.known_until):
            yield "Answers of forms that came back then are not kept any more."

        yield "Recipients, texts, templates and settings are those of now."


def _ended(run: StoredRun | None) -> StoredRun:
    if run is None:
        raise UsageError(
            "--run-id names no run of a pipeline and a report date; jobs.status names the runs"
        )

    if run.status == RUNNING:
        raise UsageError(f"the run {run.ref.run_id} is at work; ask again after it has ended")

    return run
