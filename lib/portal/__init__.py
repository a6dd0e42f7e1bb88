"""The portal: one session for all stores, their dashboards as typed values, their exports as validated files."""

from lib.portal.changes.compare import Headers, blanks, of_dashboards, of_downloads
from lib.portal.changes.record import notice_changes
from lib.portal.client import Client, connect
from lib.portal.retention import tidy_up
from lib.portal.session.account_lock import LeaseHeld
from lib.portal.site.errors import LoginRefused, PortalAway, StoreGap
from lib.portal.site.login_outcomes import LoginOutcome

__all__ = [
    "Client",
    "Headers",
    "LeaseHeld",
    "LoginOutcome",
    "LoginRefused",
    "PortalAway",
    "StoreGap",
    "blanks",
    "connect",
    "notice_changes",
    "of_dashboards",
    "of_downloads",
    "tidy_up",
]
