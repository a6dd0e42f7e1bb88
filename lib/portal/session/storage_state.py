"""The saved session: Playwright's storage state in a secret file (0600), replaced atomically."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from stat import S_IMODE
from typing import Any

from lib import errors
from lib.errors import ConfigurationError
from lib.files import replacing

#: One cookie with Playwright's keys: name, value, domain, path, expires, httpOnly, secure,
#: sameSite.
Cookie = dict[str, Any]

#: What a cookie may consist of (RFC 6265), with what browsers allow in values besides.
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\x21-\x3a\x3c-\x7e](?:[\x20-\x3a\x3c-\x7e]*[\x21-\x3a\x3c-\x7e])?|")
_DOMAIN = re.compile(r"\.?[0-9A-Za-z\[\]:_-]+(?:\.[0-9A-Za-z_-]+)*")
_PATH = re.compile(r"/[\x20-\x3a\x3c-\x7e]*")
_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?|")
_MAX_COOKIE_BYTES = 4096

#: The end of the year 9999, in seconds since 1970.
_LAST_EXPIRY = 253_402_300_799

#: Any permission of group or others.
OTHERS = 0o077
OTHERS_WRITE = 0o022


@dataclass(frozen=True)
class SessionState:
    """The cookies of both hosts, and what is known about them."""

    cookies: tuple[Cookie, ...] = field(repr=False)
    #: Of the browser that logged in: a server may bind a session to it. Empty when unknown.
    user_agent: str = ""
    #: When the session began. None when unknown.
    made_at: datetime | None = None
    #: When the portal last showed it a page or an export. None when unknown.
    proven_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """Return Playwright's storage state; the site keeps nothing in localStorage."""
        return {"cookies": list(self.cookies), "origins": []}


def require_private_directory(directory: Path) -> None:
    """Make the directory of secrets with mode 0700.

    Raise ConfigurationError with the command that mends it if others could replace files in it,
    TemporaryError if there is no room for it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = S_IMODE(directory.stat().st_mode)
    except OSError as error:
        text = f"the directory {directory} cannot be made: {error.strerror}"
        raise errors.of_machine(error, text) from error

    if mode & OTHERS_WRITE:
        raise ConfigurationError(
            f"others can write in {directory}, which holds secrets; run: chmod 0700 {directory}"
        )


def load(file: Path) -> SessionState | None:
    """Return the saved session; None if there is none or the file holds no usable one.

    Raise ConfigurationError if group or others have access to the file.
    """
    try:
        mode = S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return None

    if mode & OTHERS:
        raise ConfigurationError(
            f"the storage state {file} is open to others; run: chmod 0600 {file}"
        )

    try:
        return _state(json.loads(file.read_text(encoding="utf-8")))
    except PermissionError:
        raise ConfigurationError(
            f"the storage state {file} cannot be read; make it belong to this user"
        ) from None
    except OSError as error:
        text = f"the storage state {file} cannot be read: {error.strerror}"
        raise errors.of_machine(error, text) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        # A file cut short or written by something else is an everyday thing: the login replaces it.
        return None


def save(file: Path, state: SessionState) -> None:
    """Replace the saved session in one step.

    Raise TemporaryError if there is no room for it, ConfigurationError if the directory cannot be
    written to.
    """
    require_private_directory(file.parent)

    try:
        with replacing(file) as stream:
            stream.write(json.dumps(state.document() | _record(state)).encode())
    except OSError as error:
        text = f"the storage state {file} cannot be written: {error.strerror}"
        raise errors.of_machine(error, text) from error


def _record(state: SessionState) -> dict[str, str]:
    """Return our own keys beside Playwright's, which Playwright ignores."""
    record = {"user_agent": state.user_agent}

    if state.made_at:
        record["made_at"] = state.made_at.isoformat()

    if state.proven_at:
        record["proven_at"] = state.proven_at.isoformat()

    return record


def _state(document: Any) -> SessionState | None:
    cookies = usable_cookies(document["cookies"])
    if not cookies:
        return None

    return SessionState(
        cookies,
        usable_user_agent(document.get("user_agent", "")),
        _instant(document.get("made_at")),
        _instant(document.get("proven_at")),
    )


def _instant(text: Any) -> datetime | None:
    """Return the instant; None where a browser or a person left none."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None

    return at if at.tzinfo else None


def usable_cookies(found: Iterable[Any]) -> tuple[Cookie, ...]:
    """Return the known keys of those cookies that every library takes; the others are left out.

    A value may hold letters beyond ASCII, a path a line break, an expiry no number: a browser or a
    server may say so, and a header of HTTP cannot. Raise TypeError if `found` is no list.
    """
    cookies = []

    for one in found:
        try:
            cookie = _cookie(one)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
            continue

        if _is_usable(cookie):
            cookies.append(cookie)

    return tuple(cookies)


def is_usable_text(name: str, value: str) -> bool:
    """Return True if a cookie of this name and value can be sent in a header."""
    size = len(name) + len(value)
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value) and size <= _MAX_COOKIE_BYTES)


def usable_user_agent(found: Any) -> str:
    """Return the browser's name as it may stand in a header; empty where it may not."""
    return found if isinstance(found, str) and _TEXT.fullmatch(found) else ""


def _is_usable(cookie: Cookie) -> bool:
    return bool(
        is_usable_text(cookie["name"], cookie["value"])
        and _DOMAIN.fullmatch(cookie["domain"])
        and _PATH.fullmatch(cookie["path"])
        and -1 <= cookie["expires"] <= _LAST_EXPIRY
    )


def _cookie(cookie: Any) -> Cookie:
    """Return the known keys of a cookie.

    Raise KeyError, TypeError or ValueError if one is missing or of the wrong kind.
    """
    texts = {}

    for key in ("name", "value", "domain"):
        texts[key] = cookie[key]

    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError

    same_site = cookie.get("sameSite")

    return {
        **texts,
        "path": str(cookie.get("path", "/")),
        "expires": float(cookie.get("expires", -1)),
        "httpOnly": bool(cookie.get("httpOnly", False)),
        "secure": bool(cookie.get("secure", False)),
        "sameSite": same_site if same_site in {"Strict", "Lax", "None"} else "Lax",
    }
