"""The portal as pipelines use it: log in, then dashboards and exports of stores, concurrently."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

from lib import log
from lib.config import PortalSettings
from lib.domain.exports import EXPORTS, Export
from lib.model import Bucket, Dashboard, Download
from lib.portal import exports, parallel
from lib.portal.dashboard import parse as dashboard_parse
from lib.portal.exports import Rejected
from lib.portal.http.reply import Reply, ReplyKind
from lib.portal.http.time_budget import StoreOutOfTime
from lib.portal.http.transport import IN_DOUBT, Pace, TooLarge, Transport, Unanswered
from lib.portal.login.session_manager import SessionManager
from lib.portal.session.account_lock import AccountLock
from lib.portal.session.storage_state import SessionState
from lib.portal.site.errors import PageRefused, StoreGap
from lib.portal.site.facts import dashboard_path
from lib.portal.site.login_outcomes import LoginOutcome
from lib.portal.unknown_pages.save import UnknownPageRecorder

Unit = TypeVar("Unit")
Value = TypeVar("Value")

NO_REPLY = (Unanswered, TooLarge, StoreOutOfTime)

#: For each request that may be in flight: while one thread reads a reply, another one asks.
THREADS_PER_REQUEST = 2


def connect(settings: PortalSettings) -> Client:
    """Return a client for the length of a `with` block. Nothing is contacted before `log_in`."""
    return Client(settings)


class Client:
    """One session at the portal.

    Its methods may be called from any thread once `log_in` has returned.
    """

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings, self._further_sessions)
        self._session = SessionManager(settings, self._transport)
        self._account = AccountLock(settings.storage_state)
        self._unknown_pages = UnknownPageRecorder(settings.artefacts_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._session.save()
        finally:
            self._transport.close()
            self._account.release()

    def log_in(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session: the saved one, or by single sign-on or login in a browser.

        The dashboards of `stores` prove it. The saved session is replaced only by a proven one.

        Raise AccountInUse if another process uses the account, LoginRefused if a person must act
        first, PortalAway if a later run may succeed.
        """
        self._account.acquire()
        return self._session.open(stores)

    def log_in_by_hand(self, stores: Sequence[str]) -> LoginOutcome:
        """Open a window in which a person logs in, then go on as `log_in` does."""
        self._account.acquire()
        return self._session.open_by_hand(stores)

    def dashboard(
        self,
        store_code: str,
        expected_on: date,
        known_name: str | None,
    ) -> Dashboard:
        """Return the store's dashboard of the day `expected_on`.

        `known_name` is what the store was called so far; None for a store that is new.

        Raise StoreGap if there is no such page, PortalAway or LoginRefused if there is none for any
        store any more.
        """
        fields = log.Fields(store_code=store_code)
        started = time.monotonic()

        def parse(body: bytes) -> Dashboard:
            return dashboard_parse.parse(
                body,
                store_code=store_code,
                expected_on=expected_on,
                known_name=known_name,
            )

        page = None
        probe_page = self._session.take_probe_page(store_code)

        if probe_page is not None:
            # It may have been about another day when it was asked for, at midnight say.
            with suppress(PageRefused):
                page = parse(probe_page)

        try:
            page = page or parse(self._dashboard_body(fields, store_code))
        except (PageRefused, *NO_REPLY) as error:
            raise StoreGap(store_code, "the dashboard", str(error)) from error

        done = fields | log.Fields(duration_ms=_since_ms(started))
        log.ok("read the dashboard", **done)
        return page

    def download(
        self,
        store_code: str,
        bucket: Bucket,
        directory: Path,
    ) -> Download:
        """Save the store's export in `directory` under its local name; zero rows are valid.

        Raise StoreGap if there is no export to be had, PortalAway or LoginRefused if there is none
        for any store any more.
        """
        export = EXPORTS[bucket]
        fields = log.Fields(store_code=store_code, bucket=bucket)
        path = export.path_of(store_code)
        file = directory / export.file_name(store_code)
        started = time.monotonic()

        def fetch(into: BinaryIO) -> tuple[ReplyKind, Reply]:
            return self._fetch(fields, path, export, into)

        try:
            saved = exports.save(fetch, file, store_code, export)
        except (Rejected, *NO_REPLY) as error:
            raise StoreGap(
                store_code,
                f"the export {bucket}",
                str(error),
            ) from error

        done = fields | log.Fields(duration_ms=_since_ms(started), path=file)
        log.ok("downloaded the export", **done)
        return Download(
            store_code,
            bucket,
            file,
            saved.columns,
            saved.is_proven_whole,
        )

    def run_concurrently(
        self,
        units: Iterable[Unit],
        work: Callable[[Unit], Value],
    ) -> Generator[tuple[Unit, Value | Exception]]:
        """Yield every unit with the value of `work` or its error, as they finish.

        An error ends only its own unit. After PortalAway or LoginRefused no unit is begun; the
        remaining ones are yielded with that error. Leaving the loop early ends the client: no
        further request goes out.
        """
        return parallel.run_concurrently(
            units,
            work,
            threads=THREADS_PER_REQUEST * self._settings.concurrency,
            on_early_exit=self._transport.stop,
        )

    def pace(self) -> Pace | None:
        """Return the measured pace if this run reduced its requests because of it, else None."""
        return self._transport.pace()

    def _further_sessions(
        self,
        state: SessionState,
        count: int,
    ) -> list[SessionState]:
        return self._session.further_sessions(state, count)

    def _dashboard_body(
        self,
        fields: log.Fields,
        store_code: str,
    ) -> bytes:
        path = dashboard_path(self._settings, store_code)
        kind, reply = self._fetch(fields, path, None, io.BytesIO())

        if kind is not ReplyKind.PAGE:
            reason = f"the portal sent {kind.value} (status {reply.status})"
            raise StoreGap(store_code, "the dashboard", reason)

        return reply.body

    def _fetch(
        self,
        fields: log.Fields,
        path: str,
        export: Export | None,
        into: BinaryIO,
    ) -> tuple[ReplyKind, Reply]:
        """Ask for a page or export; renew the session and ask again if it is in doubt."""
        generation = self._session.generation
        kind, reply = self._transport.get(
            path,
            into=into,
            export=export,
            fields=fields,
        )

        if kind in IN_DOUBT:
            self._session.renew(generation)
            kind, reply = self._transport.get(
                path,
                into=into,
                export=export,
                fields=fields,
            )

        name = f"{fields['store_code']}-{fields.get('bucket', 'dashboard')}"
        self._unknown_pages.record_if_unknown(name, kind, reply)

        if kind is ReplyKind.PAGE:
            self._session.record_proof(fields["store_code"])

        return kind, reply


def _since_ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
