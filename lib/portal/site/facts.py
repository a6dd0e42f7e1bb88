"""The facts of the site as data: paths, selectors, sentences (docs/reference/domain.md#the-portal)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.config import PortalSettings
from lib.model import Bucket

USER_FIELD = "input[name='user_name']"
PASSWORD_FIELD = "input[name='password']"  # noqa: S105 - a selector
SUBMIT = "button[type='submit']"
#: Where a rejected login ends: another address than the form's, and no form on it.
REJECTED_PATH = "/home/log"

TRACKER_CARD = "h5.card-title"
TRACKER_TEXT = re.compile(r"^\s*Daily Operations Tracker\s*$")
CLICKABLE = "xpath=ancestor-or-self::*[self::a or contains(concat(' ', normalize-space(@class), ' '), ' card ')][1]"

TITLE = "h1.dashboard-title"
SECTION_TITLE = "h3.section-title"
SECTION_TABLE = "table.table-bordered"
LAUNCH_DATE = "launch date"

#: Anywhere in a page: log in first. The sentence of the real page comes after 7.6 kB of menu
#: (lesson 2).
LOGGED_OUT = re.compile(rb"need to be logged in|need to log ?in|please log ?in", re.IGNORECASE)
BAD_CREDENTIALS = re.compile(r"(invalid|incorrect) (username|password)", re.IGNORECASE)
CHALLENGE = re.compile(
    rb"<title>just a moment|cf-turnstile|challenges\.cloudflare\.com|challenge-stage", re.IGNORECASE
)
HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)
NO_ROWS = re.compile(rb"\s*no data available to export\.?[ \t]*(\r?\n|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Export:
    """One kind of CSV: where it is asked for, its local name, and which columns prove it."""

    path: str
    file_name: str
    #: For each required column the headers that stand for it, normalised by `replies.normalise`.
    required: tuple[frozenset[str], ...]


def _either(*headers: str) -> frozenset[str]:
    return frozenset(headers)


EXPORTS = {
    Bucket.MISSED_LEADS: Export(
        "/mis/download_csv?store_code={store_code}",
        "{store_code}-missed-leads.csv",
        (_either("id", "pickuprowid"), _either("storecode"), _either("mobilenumber")),
    ),
    Bucket.UNDELIVERED_ALL: Export(
        "/mis/download_undelivered_csv?type=a&store_code={store_code}",
        "{store_code}-undelivered-all.csv",
        (_either("orderno", "orderid"), _either("storecode")),
    ),
    Bucket.REPEAT_CUSTOMERS: Export(
        "/mis/download_repeat_csv?store_code={store_code}",
        "{store_code}-repeat-customers.csv",
        (_either("storecode"), _either("mobileno", "mobilenumber", "mobile")),
    ),
}


def dashboard_path(settings: PortalSettings, store_code: str) -> str:
    """Return the address of the store's dashboard below TMS_BASE."""
    return settings.dashboard_path.replace("{store_code}", store_code)
