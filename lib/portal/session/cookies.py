"""A saved session as the cookie jar of an HTTP client, and back.

The server gives session cookies to strangers too, so the jar takes nothing by itself: only a reply
that proves the session may change it.
"""

from __future__ import annotations

from dataclasses import replace
from http.cookiejar import Cookie as JarCookie
from http.cookiejar import CookieJar
from typing import Any

import httpx

from lib.portal.session.storage_state import (
    Cookie,
    SessionState,
    is_usable_text,
    usable_cookies,
)


class _ClosedJar(CookieJar):
    def extract_cookies(
        self,
        response: Any,
        request: Any,
    ) -> None:
        """Take nothing, and spend no time on reading it."""


def make_jar(state: SessionState, host: str) -> CookieJar:
    """Return a jar with those cookies of `state` that a browser would send to `host`.

    The standard library would send a host's own cookies to the hosts below it, too, and the two
    hosts of the portal are such a pair with sessions of their own.
    """
    jar = _ClosedJar()

    for cookie in usable_cookies(state.cookies):
        if _is_for(cookie, host):
            jar.set_cookie(_jar_cookie(cookie))

    return jar


def store_reply_cookies(
    response: httpx.Response,
    jar: CookieJar,
) -> None:
    """Put the cookies that `response` sets into the jar."""
    if "set-cookie" not in response.headers:
        return

    received = httpx.Cookies()
    received.extract_cookies(response)

    for cookie in received.jar:
        if is_usable_text(cookie.name, cookie.value or ""):
            jar.set_cookie(cookie)


def with_jar_values(
    state: SessionState,
    jar: CookieJar,
) -> SessionState:
    """Return `state` with the values and expiries that the jar has by now."""
    present = {}
    for cookie in jar:
        present[cookie.domain.lstrip("."), cookie.path, cookie.name] = cookie

    renewed = []
    for saved in state.cookies:
        key = _jar_domain(saved).lstrip("."), saved["path"], saved["name"]
        renewed.append(_renewed(saved, present.get(key)))

    return replace(state, cookies=tuple(renewed))


def without_host(state: SessionState, host: str) -> SessionState:
    """Return `state` without the cookies that `host` itself has set: no session there any more."""
    left = []

    for cookie in state.cookies:
        if cookie["domain"].lstrip(".") != host:
            left.append(cookie)

    return replace(state, cookies=tuple(left))


def _jar_domain(cookie: Cookie) -> str:
    """Return the domain under which the standard library files the cookie.

    For it a host without a dot is one below `.local`, and a cookie of the bare name is never sent.
    """
    domain = str(cookie["domain"]).lower()

    return domain if "." in domain else f"{domain}.local"


def _is_for(cookie: Cookie, host: str) -> bool:
    domain = cookie["domain"].lower()

    if domain.startswith("."):
        return f".{host}".endswith(domain)

    return bool(domain == host)


def _renewed(cookie: Cookie, present: JarCookie | None) -> Cookie:
    if present is None:
        return cookie

    return cookie | {"value": present.value or "", "expires": float(present.expires or -1)}


def _jar_cookie(cookie: Cookie) -> JarCookie:
    domain = _jar_domain(cookie)
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
