"""Saved browser states that are good now, so that a test can begin logged in.

Shaped as Playwright saves them.
"""

from typing import Any

from demo.portal.control import Control

SIMPLIFY_ADDRESS = "127.0.0.1"
TMS_ADDRESS = "127.0.0.2"
SIMPLIFY_SESSION = "simplify_session"
TMS_SESSION = "ci_session"


def storage_state(control: Control, *, tms: bool = True) -> dict[str, Any]:
    """Logged in on Simplify, and on TMS too unless `tms` is false."""
    cookies = [_cookie(SIMPLIFY_SESSION, control.log_in(), SIMPLIFY_ADDRESS)]
    if tms:
        cookies.append(_cookie(TMS_SESSION, control.open_tms(), TMS_ADDRESS))

    return {"cookies": cookies, "origins": []}


def _cookie(name: str, value: str, domain: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "domain": domain,
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
