"""A saved session as the cookie jar of an HTTP client, and back.

Servers give strangers session cookies too, so the jar takes nothing by itself: only a reply that
proves the session may change it.
"""

from __future__ import annotations

from dataclasses import replace
from http.cookiejar import Cookie as JarCookie
from http.cookiejar import CookieJar
from typing import Any

import httpx

from lib.portal.session.storage_state import Cookie, State


class _Deaf(CookieJar):
    def extract_cookies(self, response: Any, request: Any) -> None:
        """Take nothing, and spend no time on reading it."""


def jar(state: State, host: str) -> CookieJar:
    """Return a jar with those cookies of `state` that a browser would send to `host`.

    The standard library would send a host's own cookies to the hosts below it, too, and the two
    hosts of the portal are such a pair with sessions of their own
    (docs/reference/domain.md#sites-and-sessions).
    """
    filled = _Deaf()

    for cookie in state.cookies:
        if _is_for(cookie, host):
            filled.set_cookie(_jar_cookie(cookie))

    return filled


def take(response: httpx.Response, into: CookieJar) -> None:
    """Put the cookies that `response` sets into the jar."""
    if "set-cookie" not in response.headers:
        return

    received = httpx.Cookies()
    received.extract_cookies(response)

    for cookie in received.jar:
        into.set_cookie(cookie)


def renewed(state: State, jar: CookieJar) -> State:
    """Return `state` with the values and expiries that the jar has by now."""
    present = {(cookie.domain.lstrip("."), cookie.path, cookie.name): cookie for cookie in jar}
    return replace(
        state,
        cookies=tuple(_renewed(cookie, present.get(_key(cookie))) for cookie in state.cookies),
    )


def _is_for(cookie: Cookie, host: str) -> bool:
    domain = cookie["domain"]
    return f".{host}".endswith(domain) if domain.startswith(".") else domain == host


def _key(cookie: Cookie) -> tuple[str, str, str]:
    return cookie["domain"].lstrip("."), cookie["path"], cookie["name"]


def _renewed(cookie: Cookie, present: JarCookie | None) -> Cookie:
    if present is None:
        return cookie

    return cookie | {"value": present.value or "", "expires": float(present.expires or -1)}


def _jar_cookie(cookie: Cookie) -> JarCookie:
    domain = cookie["domain"]
    expires = cookie["expires"]

    return JarCookie(
        version=0,
        name=cookie["name"],
        value=cookie["value"],
        port=None,
        port_specified=False,
        domain=domain,
        domain_specified=domain.startswith("."),
        domain_initial_dot=domain.startswith("."),
        path=cookie["path"],
        path_specified=True,
        secure=cookie["secure"],
        expires=int(expires) if expires > 0 else None,
        discard=expires <= 0,
        comment=None,
        comment_url=None,
        rest={},
    )
