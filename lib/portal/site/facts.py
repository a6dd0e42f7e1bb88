"""Facts of the two sites as data: selectors, sentences, addresses.

Source: docs/reference/domain.md#addresses, #success-and-failure, #dashboard-page.
"""

from __future__ import annotations

import re

from lib.config import PortalSettings

USER_FIELD = "input[name='user_name']"
PASSWORD_FIELD = "input[name='password']"  # noqa: S105 - a selector
SUBMIT = "button[type='submit']"

#: Where a rejected login ends: another address than the form's, and no form on it.
REJECTED_PATH = "/home/log"

TRACKER_CARD = "h5.card-title"
TRACKER_TEXT = re.compile(r"^\s*Daily Operations Tracker\s*$")

#: From the card's title: the link, or the element of class `card`, that holds it.
CLICKABLE = (
    "xpath=ancestor-or-self::*"
    "[self::a or contains(concat(' ', normalize-space(@class), ' '), ' card ')][1]"
)

TITLE = "h1.dashboard-title"
SECTION_TITLE = "h3.section-title"
SECTION_TABLE = "table.table-bordered"
LAUNCH_DATE = "launch date"

#: Anywhere in a page: log in first. On the real page the sentence comes after 7.6 kB of menu.
LOGGED_OUT = re.compile(
    rb"need to be logged in|need to log ?in|please log ?in",
    re.IGNORECASE,
)
BAD_CREDENTIALS = re.compile(
    r"(invalid|incorrect) (username|password)",
    re.IGNORECASE,
)
CHALLENGE = re.compile(
    rb"<title>just a moment|cf-turnstile|challenges\.cloudflare\.com|challenge-stage",
    re.IGNORECASE,
)
HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)

#: PHP's last words when it stops in the middle of a page: its time or memory is used up, say. In
#: its own form, and in CodeIgniter's.
PHP_ENDED = re.compile(
    rb"^\s*(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(?:Fatal|Parse|Catchable fatal) error(?:</b>)?:"
    rb"|A PHP Error was encountered\W[^,]{0,200}Severity:(?:\s|<[^>]*>)*(?:\w+ )?Error\b"
    rb"|An uncaught Exception was encountered",
    re.IGNORECASE | re.MULTILINE,
)
NO_ROWS = re.compile(
    rb"\s*no data available to export\.?[ \t]*(\r?\n|$)",
    re.IGNORECASE,
)


def dashboard_path(settings: PortalSettings, store_code: str) -> str:
    """Return the address of the store's dashboard below TMS_BASE."""
    return settings.dashboard_path.replace("{store_code}", store_code)
