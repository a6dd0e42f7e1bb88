"""The saved session: cookies in Playwright's storage-state form, a secret file (mode 0600) written atomically."""

from __future__ import annotations

import json
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

OTHERS = 0o077
OTHERS_WRITE = 0o022


@dataclass(frozen=True)
class State:
    """Everything that makes up a session at both hosts."""

    cookies: tuple[Cookie, ...] = field(repr=False)
    #: Of the browser that logged in: a server may bind a session to it. Empty when unknown.
    user_agent: str = ""
    #: When the session came into being. None when unknown.
    made_at: datetime | None = None
    #: When the portal last showed it a page or an export. None when unknown.
    proven_at: datetime | None = None

    def document(self) -> dict[str, Any]:
        """Return Playwright's storage state; the site keeps nothing in localStorage.

        Source: docs/reference/domain.md#sites-and-sessions.
        """
        return {"cookies": list(self.cookies), "origins": []}


def require_private_directory(directory: Path) -> None:
    """Make the directory of secrets with mode 0700, or refuse one in which others could replace them.

    Raises ConfigurationError with the command that mends it, TemporaryError when there is no room
    for it.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = S_IMODE(directory.stat().st_mode)
    except OSError as error:
        raise errors.of_machine(
            error, f"the directory {directory} cannot be made: {error.strerror}"
        ) from error

    if mode & OTHERS_WRITE:
        raise ConfigurationError(
            f"others can write in {directory}, which holds secrets; run: chmod 0700 {directory}"
        )


def load(file: Path) -> State | None:
    """Read the saved session; None when there is none or it is not one: an everyday thing.

    Raises ConfigurationError when group or others can touch the file.

    Source: lesson 43.
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
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def save(file: Path, state: State) -> None:
    """Replace the saved session in one step.

    Raises TemporaryError when there is no room for it, ConfigurationError when the directory cannot
    be written to.
    """
    require_private_directory(file.parent)

    try:
        with replacing(file) as stream:
            stream.write(json.dumps(state.document() | _record(state)).encode())
    except OSError as error:
        raise errors.of_machine(
            error, f"the storage state {file} cannot be written: {error.strerror}"
        ) from error


def _record(state: State) -> dict[str, str]:
    """Return what we note beside Playwright's own keys, which it ignores."""
    times = {"made_at": state.made_at, "proven_at": state.proven_at}
    return {"user_agent": state.user_agent} | {
        name: at.isoformat() for name, at in times.items() if at
    }


def _state(document: Any) -> State | None:
    cookies = tuple(_cookie(cookie) for cookie in document["cookies"])
    user_agent = document.get("user_agent", "")

    if not cookies:
        return None

    return State(
        cookies,
        user_agent if isinstance(user_agent, str) else "",
        _instant(document.get("made_at")),
        _instant(document.get("proven_at")),
    )


def _instant(text: Any) -> datetime | None:
    """Read an instant; None where somebody's browser or hand left none."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None

    return at if at.tzinfo else None


def _cookie(cookie: Any) -> Cookie:
    """Take the keys of a cookie that we know; raises where one is missing or of the wrong kind."""
    texts = {key: cookie[key] for key in ("name", "value", "domain")}
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
