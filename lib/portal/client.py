"""The portal as pipelines see it: log in, then dashboards and exports of stores, in as many threads as are allowed."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
from lib.portal.http.reply import Kind, Reply
from lib.portal.http.time_budget import StoreOutOfTime
from lib.portal.http.transport import TooLarge, Transport, Unanswered
from lib.portal.login.session_manager import Access
from lib.portal.session.account_lock import Lease
from lib.portal.site.errors import PageRefused, StoreGap
from lib.portal.site.facts import dashboard_path
from lib.portal.site.login_outcomes import LoginOutcome
from lib.portal.unknown_pages import save

Unit = TypeVar("Unit")
Value = TypeVar("Value")
#: Replies after which the session is looked at, and the page is asked for once more.
IN_DOUBT = frozenset({Kind.LOGGED_OUT, Kind.UNKNOWN})
UNANSWERED = (Unanswered, TooLarge, StoreOutOfTime)
#: Threads for each request that may be in flight: while one reads what came, another one asks.
CREW = 2


def connect(settings: PortalSettings) -> Client:
    """Return a client for the length of a `with` block. Nothing is contacted before `log_in`."""
    return Client(settings)


class Client:
    """One session at the portal.

    Its methods may be called from any thread once `log_in` has returned.
    """

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._transport = Transport(settings)
        self._access = Access(settings, self._transport)
        self._lease = Lease(settings.storage_state)
        self._puzzles = save.Puzzles(settings.artefacts_dir)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._access.keep()
        finally:
            self._transport.close()
            self._lease.release()

    def log_in(self, stores: Sequence[str]) -> LoginOutcome:
        """Get a session: the saved one, or by hop or login in a browser.

        The dashboards of `stores` serve as proof.

        Raises LeaseHeld when another process uses the account, LoginRefused when a person must act
        first, PortalAway when a later run may succeed. The saved session is replaced only by one
        that has been proven.
        """
        self._lease.take()
        return self._access.open(stores)

    def log_in_by_hand(self, stores: Sequence[str]) -> LoginOutcome:
        """Open a window in which a person logs in, then go on as `log_in` does."""
        self._lease.take()
        return self._access.open_by_hand(stores)

    def dashboard(self, store_code: str, expected_on: date, known_name: str | None) -> Dashboard:
        """Read the store's dashboard of the day `expected_on`; `known_name` is what the store was called so far.

        Raises StoreGap when there is none to be had, PortalAway or LoginRefused when nobody gets
        anything any more.
        """
        fields = log.Fields(store_code=store_code)
        started = time.monotonic()

        def parse(body: bytes) -> Dashboard:
            return dashboard_parse.parse(
                body, store_code=store_code, expected_on=expected_on, known_name=known_name
            )

        page = None

        if (proof := self._access.take_proof(store_code)) is not None:
            with suppress(PageRefused):  # one that was about another day when it was asked for, say
                page = parse(proof)

        try:
            page = page or parse(self._page(fields, store_code))
        except (PageRefused, *UNANSWERED) as error:
            raise StoreGap(store_code, "the dashboard", str(error)) from error

        log.ok("read the dashboard", **(fields | log.Fields(duration_ms=_since(started))))
        return page

    def download(self, store_code: str, bucket: Bucket, directory: Path) -> Download:
        """Save the store's export in `directory` under its local name; zero rows is a valid export.

        Raises StoreGap when there is none to be had, PortalAway or LoginRefused when nobody gets
        anything any more.

        Source: docs/reference/domain.md#buckets.
        """
        export = EXPORTS[bucket]
        fields = log.Fields(store_code=store_code, bucket=bucket)
        path = export.path_of(store_code)
        file = directory / export.file_name(store_code)
        started = time.monotonic()

        try:
            columns = exports.save(
                lambda into: self._fetch(fields, path, export, into), file, store_code, export
            )
        except (Rejected, *UNANSWERED) as error:
            raise StoreGap(store_code, f"the export {bucket}", str(error)) from error

        log.ok(
            "downloaded the export", **(fields | log.Fields(duration_ms=_since(started), path=file))
        )
        return Download(store_code, bucket, file, columns)

    def each(
        self, units: Iterable[Unit], work: Callable[[Unit], Value]
    ) -> Iterator[tuple[Unit, Value | Exception]]:
        """Run `work` on every unit, PORTAL_CONCURRENCY at a time; yield each with its value or error as they finish.

        No error stops another unit, but PortalAway and LoginRefused, with which the remaining units
        come too. Leaving the loop early ends the client: no further request goes out.
        """
        return parallel.each(
            units, work, threads=CREW * self._settings.concurrency, abandon=self._transport.abandon
        )

    def _page(self, fields: log.Fields, store_code: str) -> bytes:
        kind, reply = self._fetch(
            fields, dashboard_path(self._settings, store_code), None, io.BytesIO()
        )
        if kind is not Kind.PAGE:
            raise StoreGap(
                store_code, "the dashboard", f"the portal sent {kind.value} (status {reply.status})"
            )

        return reply.body

    def _fetch(
        self, fields: log.Fields, path: str, export: Export | None, into: BinaryIO
    ) -> tuple[Kind, Reply]:
        """Ask, and when the reply puts the session in doubt, settle that for everybody and ask once more."""
        generation = self._access.generation

        kind, reply = self._transport.get(path, into=into, export=export, fields=fields)
        if kind in IN_DOUBT:
            self._access.renew(generation)
            kind, reply = self._transport.get(path, into=into, export=export, fields=fields)

        self._puzzles.offer(
            f"{fields['store_code']}-{fields.get('bucket', 'dashboard')}", kind, reply
        )

        if kind is Kind.PAGE:
            self._access.trust(fields["store_code"])

        return kind, reply


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
