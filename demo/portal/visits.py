"""A request and its answer, as values: what was asked, by whom, and what goes back."""

from collections.abc import Mapping
from dataclasses import dataclass

from demo.portal.faults import Endpoint, Fault, Host, Kind

HTML = ("content-type", "text/html; charset=UTF-8")
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
class Visitor:
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


def cookie(
    name: str,
    value: str,
    attributes: str = "",
) -> tuple[str, str]:
    """Host-only, as on the real hosts: no Domain attribute."""
    return ("set-cookie", f"{name}={value}; Path=/{attributes}")


def endpoint_of(
    host: Host,
    method: str,
    path: str,
    query: Mapping[str, str],
) -> Endpoint:
    routes = ROUTES[host]
    typed = (method, f"{path}?{query.get('type', '')}")

    return routes.get((method, path)) or routes.get(typed) or Endpoint.OTHER
