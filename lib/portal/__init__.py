"""The partner portal: one session for all stores, dashboards as values, checked export files."""

from lib.portal.changes.compare import (
    Headers,
    headers_of_dashboards,
    headers_of_downloads,
    mostly_empty,
)
from lib.portal.changes.record import notice_changes
from lib.portal.client import Client, connect
from lib.portal.retention import remove_unfinished_state
from lib.portal.session.account_lock import AccountInUse
from lib.portal.site.errors import LoginRefused, PortalAway, StoreGap
from lib.portal.site.login_outcomes import LoginOutcome

__all__ = [
    "AccountInUse",
    "Client",
    "Headers",
    "LoginOutcome",
    "LoginRefused",
    "PortalAway",
    "StoreGap",
    "connect",
    "headers_of_dashboards",
    "headers_of_downloads",
    "mostly_empty",
    "notice_changes",
    "remove_unfinished_state",
]
