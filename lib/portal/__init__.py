"""The portal: one session for all stores, their dashboards as typed values, their exports as validated files."""

from lib.portal.client import Client, connect
from lib.portal.errors import LoginRefused, PortalAway, StoreGap
from lib.portal.outcomes import LoginOutcome

__all__ = ["Client", "LoginOutcome", "LoginRefused", "PortalAway", "StoreGap", "connect"]
