"""What the two hosts answer: every request is one visit, every visit gets one reply. Pure but for the sessions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlencode

from demo.portal import pages
from demo.portal.control import Control
from demo.portal.dashboard import Layout, Style, dashboard_page, style_of
from demo.portal.exports import ZERO_ROWS, Export, render, rows_of, spelling_of
from demo.portal.faults import Endpoint, Fault, Host, Kind
from demo.portal.figures import figures
from demo.portal.storage_state import SIMPLIFY_SESSION, TMS_SESSION
from demo.portal.world import Store, World

HTML = ("content-type", "text/html; charset=UTF-8")
NEVER_CACHED = [
    ("cache-control", "no-store, no-cache, must-revalidate"),
    ("pragma", "no-cache"),
    ("expires", "0"),
]
CSRF = "csrf_cookie_name"
ROUTES = {
    Host.SIMPLIFY: {
        ("GET", "/"): Endpoint.HOME,
        ("GET", "/home"): Endpoint.HOME,
        ("GET", "/home/login"): Endpoint.LOGIN,
        ("POST", "/home/log"): Endpoint.SUBMIT,
        ("GET", "/home/log"): Endpoint.LOG,
        ("GET", "/home/mis"): Endpoint.TRACKER,
    },
    Host.TMS: {
        ("GET", "/client/sso"): Endpoint.HOP,
        ("GET", "/client/tickets"): Endpoint.TICKETS,
        ("GET", "/mis/partner_dashboard"): Endpoint.DASHBOARD,
        ("GET", "/mis/download_csv"): Endpoint.MISSED_LEADS,
        ("GET", "/mis/download_undelivered_csv?a"): Endpoint.UNDELIVERED_ALL,
        ("GET", "/mis/download_undelivered_csv?u"): Endpoint.UNDELIVERED,
        ("GET", "/mis/download_undelivered_csv?u10"): Endpoint.UNDELIVERED_OVER_10,
        ("GET", "/mis/download_repeat_csv"): Endpoint.REPEAT_CUSTOMERS,
        ("GET", "/mis/download_nonpackageorder_csv?all"): Endpoint.NON_PACKAGE_ALL,
        ("GET", "/mis/download_nonpackageorder_csv?u"): Endpoint.NON_PACKAGE_UNDELIVERED,
    },
}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, already recognised, with the faults that strike it."""

    endpoint: Endpoint
    store: str | None
    cookies: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    faults: tuple[Fault, ...]

    def fault(self, kind: Kind) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind is kind), None)

    def seconds(self, kind: Kind) -> float:
        fault = self.fault(kind)
        return fault.seconds if fault else 0


@dataclass(frozen=True, slots=True)
class Reply:
    """`is_chunked`: sent without a length, in pieces, as the portal's downloads are."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (HTML,)
    is_chunked: bool = False


def page(html: str, status: int = 200, *headers: tuple[str, str]) -> Reply:
    return Reply(html.encode(), status, (HTML, *headers))


def redirect(location: str, *headers: tuple[str, str]) -> Reply:
    return Reply(b"", 302, (("location", location), HTML, *headers))


def cookie(name: str, value: str, attributes: str = "") -> tuple[str, str]:
    """Host-only, as on the real hosts: no Domain attribute."""
    return ("set-cookie", f"{name}={value}; Path=/{attributes}")


def endpoint_of(host: Host, method: str, path: str, query: Mapping[str, str]) -> Endpoint:
    routes = ROUTES[host]
    typed = (method, f"{path}?{query.get('type', '')}")
    return routes.get((method, path)) or routes.get(typed) or Endpoint.OTHER


@dataclass(frozen=True)
class Portal:
    """Both sites over one world. `tms_base` is where the hop leads; `username` and `password` open every store."""

    world: World
    control: Control
    username: str
    password: str
    tms_base: str

    def warm_up(self) -> None:
        """Works out today's dashboards and used exports now, so that a bench does not wait for them later."""
        for store in self.world.by_code.values():
            figures(self.world, store, self.control.today - timedelta(days=1))
            for export in (
                Export.MISSED_LEADS,
                Export.UNDELIVERED_ALL,
                Export.REPEAT_CUSTOMERS,
                Export.NON_PACKAGE_ALL,
            ):
                _export_body(self.world, export, store, self.control.today, renames=(), header_only=False)

    def answer(self, visit: Visit) -> Reply:
        return reply_of_fault(visit) or self._handlers.get(visit.endpoint, self._export)(visit)

    @property
    def _handlers(self) -> dict[Endpoint, Callable[[Visit], Reply]]:
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

    def _submit(self, visit: Visit) -> Reply:
        given = (visit.form.get("user_name"), visit.form.get("password"))
        if visit.fault(Kind.BAD_CREDENTIALS):
            return page(pages.login_page("Invalid username or password."))
        if visit.fault(Kind.BOUNCED) or given != (self.username, self.password):
            return page(pages.rejected_page(), 200, cookie(SIMPLIFY_SESSION, "nobody", "; HttpOnly"))
        session = self.control.sessions.log_in()
        return redirect("/home", cookie(SIMPLIFY_SESSION, session, "; HttpOnly"))

    def _knows(self, visit: Visit) -> bool:
        return visit.cookies.get(SIMPLIFY_SESSION) in self.control.sessions.simplify

    def _home(self, visit: Visit) -> Reply:
        if not self._knows(visit):
            return redirect("/home/login")
        if visit.fault(Kind.NO_TAB):
            return page(pages.home_page(pages.tracker_dead()))
        if visit.fault(Kind.CARD_ONLY):
            return page(pages.home_page(pages.tracker_card("/home/mis")))
        return page(pages.home_page(pages.tracker_link("/home/mis", new_tab=not visit.fault(Kind.SAME_TAB))))

    def _tracker(self, visit: Visit) -> Reply:
        if not self._knows(visit):
            return redirect("/home/login")
        token = self.control.sessions.issue_token()
        return redirect(f"{self.tms_base}/client/sso?{urlencode({'token': token})}")

    def _hop(self, visit: Visit) -> Reply:
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

    def _stranger(self, visit: Visit) -> Reply:
        """Like the framework behind the real site, it gives strangers a session id too: having one proves nothing."""
        cookies = () if TMS_SESSION in visit.cookies else (cookie(TMS_SESSION, "0" * 32, "; HttpOnly"),)
        return page(pages.logged_out_page(), 200, *cookies)

    def _is_stranger(self, visit: Visit) -> bool:
        return not self.control.sessions.admits_tms(visit.cookies.get(TMS_SESSION))

    def _tickets(self, visit: Visit) -> Reply:
        return self._stranger(visit) if self._is_stranger(visit) else page(pages.tickets_page())

    def _store(self, visit: Visit) -> Store:
        """The store asked for; another one for a code that is unknown or not the account's (DOMAIN A.6)."""
        store = self.world.by_code.get(visit.store or "")
        stores = list(self.world.by_code.values())
        if store is None:
            return stores[0]
        return stores[(store.index + 1) % len(stores)] if visit.fault(Kind.NOT_OWNED) else store

    def _dashboard(self, visit: Visit) -> Reply:
        if self._is_stranger(visit):
            return self._stranger(visit)
        on = self.control.today - timedelta(days=2 if visit.fault(Kind.WRONG_DATE) else 1)
        store = self._store(visit)
        style = _with_faults(style_of(self.world, store, on), visit)
        return page(dashboard_page(store, figures(self.world, store, on), style))

    def _export(self, visit: Visit) -> Reply:
        if self._is_stranger(visit):
            return self._stranger(visit)
        export = Export[visit.endpoint.name]
        renames = tuple((fault.name, fault.text) for fault in visit.faults if fault.kind is Kind.RENAMED_HEADER)
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
        return _download(export, body, visit, self.control.today)


def reply_of_fault(visit: Visit) -> Reply | None:
    """The answer when a fault decides it alone, whoever asks."""
    for fault in visit.faults:
        match fault.kind:
            case Kind.STATUS:
                return page(pages.server_error_page(fault.status), fault.status)
            case Kind.RATE_LIMITED:
                retry_after = (("retry-after", f"{fault.seconds:.0f}"),) if fault.seconds else ()
                return page(pages.too_many_requests_page(), 429, *retry_after)
            case Kind.CHALLENGE:
                return page(pages.challenge_page(), 403, ("cf-mitigated", "challenge"))
            case Kind.UNKNOWN_PAGE:
                return page(pages.maintenance_page())
            case Kind.LOGGED_OUT:
                return page(pages.logged_out_page())
            case _:
                pass
    return None


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
    return render(rows, spelling_of(world, store), dict(renames), header_only=header_only)


def _with_faults(style: Style, visit: Visit) -> Style:
    for fault in visit.faults:
        match fault.kind:
            case Kind.RENAMED_HEADER:
                style = replace(style, renames={**(style.renames or {}), fault.name: fault.text})
            case Kind.MISSING_SECTION:
                style = replace(style, missing_sections=style.missing_sections | {fault.name})
            case Kind.CELL:
                style = replace(style, cells={**(style.cells or {}), fault.name: fault.text})
            case Kind.LAYOUT:
                style = replace(style, layout=Layout(fault.text))
            case Kind.NO_TITLE:
                style = replace(style, has_title=False)
            case Kind.NO_DATE:
                style = replace(style, date_text=None)
            case _:
                pass
    return style


def _download(export: Export, body: bytes, visit: Visit, today: date) -> Reply:
    """Named and labelled as in DOMAIN A.2; a download sets the csrf cookie again."""
    file_name = f"{export}_{today:%Y%m%d}.csv"
    headers = (
        ("content-type", "text/csv;charset=UTF-8"),
        ("content-disposition", f'attachment; filename="{file_name}"'),
        *NEVER_CACHED,
        cookie(CSRF, visit.cookies.get(TMS_SESSION, "")[::-1], "; Max-Age=7200"),
    )
    return Reply(body, 200, headers, is_chunked=True)
