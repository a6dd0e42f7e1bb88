"""What the two hosts answer: every request is one visit, every visit gets one reply.

Pure but for the sessions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from demo.portal import pages
from demo.portal.control import Control
from demo.portal.dashboard import dashboard_page, style_of
from demo.portal.effects import reply_of_fault, style_under_faults
from demo.portal.exports import ZERO_ROWS, Export, render, rows_of, spelling_of
from demo.portal.faults import Endpoint, Kind
from demo.portal.figures import figures
from demo.portal.storage_state import SIMPLIFY_SESSION, TMS_SESSION
from demo.portal.visits import Reply, Visitor, cookie, page, redirect
from demo.portal.world import Store, World

NEVER_CACHED = [
    ("cache-control", "no-store, no-cache, must-revalidate"),
    ("pragma", "no-cache"),
    ("expires", "0"),
]
PHP_LAST_WORDS = (
    b"<br />\n<b>Fatal error</b>:  Maximum execution time of 30 seconds exceeded in"
    b" <b>/var/www/html/mis.php</b> on line <b>117</b><br />\n"
)
CSRF = "csrf_cookie_name"


@dataclass(frozen=True)
class Portal:
    """Both sites over one world.

    `tms_base` is where the hop leads; `username` and `password` open every store.
    """

    world: World
    control: Control
    username: str
    password: str
    tms_base: str

    def warm_up(self) -> None:
        """Works out today's dashboards and used exports now: no bench waits for them later."""
        for store in self.world.by_code.values():
            figures(self.world, store, self.control.today - timedelta(days=1))

            for export in (
                Export.MISSED_LEADS,
                Export.UNDELIVERED_ALL,
                Export.REPEAT_CUSTOMERS,
                Export.NON_PACKAGE_ALL,
            ):
                _export_body(
                    self.world,
                    export,
                    store,
                    self.control.today,
                    renames=(),
                    header_only=False,
                )

    def answer(self, visit: Visitor) -> Reply:
        return reply_of_fault(visit) or self._handlers.get(
            visit.endpoint,
            self._export,
        )(visit)

    @property
    def _handlers(self) -> dict[Endpoint, Callable[[Visitor], Reply]]:
        return {
            Endpoint.LOGIN: lambda _visit: page(pages.login_page()),
            Endpoint.SUBMIT: self._submit,
            Endpoint.LOG: lambda _visit: page(pages.rejected_page()),
            Endpoint.HOME: self._home,
            Endpoint.TRACKER: self._tracker,
            Endpoint.HOP: self._hop,
            Endpoint.TICKETS: self._tickets,
            Endpoint.DASHBOARD: self._dashboard,
            Endpoint.OTHER: lambda _visit: page(pages.not_found_page(), 404),
        }

    def _submit(self, visit: Visitor) -> Reply:
        given = (visit.form.get("user_name"), visit.form.get("password"))

        if visit.fault(Kind.BAD_CREDENTIALS):
            return page(pages.login_page("Invalid username or password."))

        if visit.fault(Kind.BOUNCED) or given != (self.username, self.password):
            return page(
                pages.rejected_page(),
                200,
                cookie(SIMPLIFY_SESSION, "nobody", "; HttpOnly"),
            )

        session = self.control.sessions.log_in()
        return redirect("/home", cookie(SIMPLIFY_SESSION, session, "; HttpOnly"))

    def _knows(self, visit: Visitor) -> bool:
        return visit.cookies.get(SIMPLIFY_SESSION) in self.control.sessions.simplify

    def _home(self, visit: Visitor) -> Reply:
        if not self._knows(visit):
            return redirect("/home/login")

        if visit.fault(Kind.NO_TAB):
            return page(pages.home_page(pages.tracker_dead()))

        if visit.fault(Kind.CARD_ONLY):
            return page(pages.home_page(pages.tracker_card("/home/mis")))

        return page(
            pages.home_page(
                pages.tracker_link(
                    "/home/mis",
                    new_tab=not visit.fault(Kind.SAME_TAB),
                )
            )
        )

    def _tracker(self, visit: Visitor) -> Reply:
        if visit.fault(Kind.LOGIN_LOST):
            self.control.expire_simplify()

        if not self._knows(visit):
            return redirect("/home/login")

        token = self.control.sessions.issue_token()
        return redirect(f"{self.tms_base}/client/sso?{urlencode({'token': token})}")

    def _hop(self, visit: Visitor) -> Reply:
        session = self.control.sessions.redeem(visit.query.get("token", ""))
        if session is None:
            return self._stranger(visit)

        landing = "/client/tickets"

        if visit.fault(Kind.ON_DASHBOARD):
            landing = f"/mis/partner_dashboard?store_code={self.world.codes[0]}"

        return redirect(
            landing,
            cookie(TMS_SESSION, session, "; HttpOnly"),
            cookie(CSRF, session[::-1], "; Max-Age=7200"),
            cookie("supportun", self.username),
            cookie("supporttkn", session[:8]),
        )

    def _stranger(self, visit: Visitor) -> Reply:
        """A stranger gets a session id, too, as from the framework of the real site.

        So having one proves nothing.
        """
        cookies = (
            ()
            if TMS_SESSION in visit.cookies
            else (
                cookie(
                    TMS_SESSION,
                    "0" * 32,
                    "; HttpOnly",
                ),
            )
        )
        return page(pages.logged_out_page(), 200, *cookies)

    def _is_stranger(self, visit: Visitor) -> bool:
        return not self.control.sessions.admits_tms(visit.cookies.get(TMS_SESSION))

    def _tickets(self, visit: Visitor) -> Reply:
        return self._stranger(visit) if self._is_stranger(visit) else page(pages.tickets_page())

    def _store(self, visit: Visitor) -> Store:
        """The store asked for; another one for a code that is unknown or not the account's.

        Source: docs/reference/domain.md#not-known.
        """
        store = self.world.by_code.get(visit.store or "")
        stores = list(self.world.by_code.values())

        if store is None:
            return stores[0]

        return stores[(store.index + 1) % len(stores)] if visit.fault(Kind.NOT_OWNED) else store

    def _dashboard(self, visit: Visitor) -> Reply:
        if self._is_stranger(visit):
            return self._stranger(visit)

        on = self.control.today - timedelta(days=2 if visit.fault(Kind.WRONG_DATE) else 1)
        store = self._store(visit)
        style = style_under_faults(style_of(self.world, store, on), visit)

        return page(dashboard_page(store, figures(self.world, store, on), style))

    def _export(self, visit: Visitor) -> Reply:
        if self._is_stranger(visit):
            return self._stranger(visit)

        export = Export[visit.endpoint.name]
        renames = tuple(
            (fault.name, fault.text) for fault in visit.faults if fault.kind is Kind.RENAMED_HEADER
        )
        body = _export_body(
            self.world,
            export,
            self._store(visit),
            self.control.today,
            renames=renames,
            header_only=visit.fault(Kind.HEADER_ONLY) is not None,
        )

        if visit.fault(Kind.ZERO_ROWS):
            body = ZERO_ROWS

        if visit.fault(Kind.ZERO_ROWS_THEN_CSV):
            body = ZERO_ROWS + b"\n" + body

        if visit.fault(Kind.PHP_LIMIT):
            body = body[: body.index(b"\n", len(body) // 2) + 1] + PHP_LAST_WORDS

        return _download(export, body, visit, self.control.today)


@lru_cache(maxsize=4_096)
def _export_body(
    world: World,
    export: Export,
    store: Store,
    today: date,
    *,
    renames: tuple[tuple[str, str], ...],
    header_only: bool,
) -> bytes:
    rows = rows_of(world, export, store, today)
    return render(
        rows,
        spelling_of(
            world,
            store,
        ),
        dict(renames),
        header_only=header_only,
    )


def _download(
    export: Export,
    body: bytes,
    visit: Visitor,
    today: date,
) -> Reply:
    """Named and labelled as the portal does; a download sets the csrf cookie again.

    Source: docs/reference/domain.md#addresses.
    """
    file_name = f"{export}_{today:%Y%m%d}.csv"
    headers = (
        ("content-type", "text/csv;charset=UTF-8"),
        ("content-disposition", f'attachment; filename="{file_name}"'),
        *NEVER_CACHED,
        cookie(CSRF, visit.cookies.get(TMS_SESSION, "")[::-1], "; Max-Age=7200"),
    )

    return Reply(body, 200, headers, is_chunked=True)
