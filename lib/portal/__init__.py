"""The portal: one session for all stores, their dashboards as typed values, their exports as validated files."""

from lib.portal.client import Client, connect
from lib.portal.drift import Headers, blanks, of_dashboards, of_downloads
from lib.portal.errors import LoginRefused, PortalAway, StoreGap
from lib.portal.lease import LeaseHeld
from lib.portal.outcomes import LoginOutcome
from lib.portal.retention import tidy_up
from lib.portal.watch import notice_changes

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
