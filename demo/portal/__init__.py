"""A simulator of the portal that is never kinder than the facts (DOMAIN sections A and B)."""

from demo.portal.control import Control
from demo.portal.faults import Endpoint, Fault, Host, Kind
from demo.portal.server import RunningPortal, run_portal
from demo.portal.world import World

__all__ = ["Control", "Endpoint", "Fault", "Host", "Kind", "RunningPortal", "World", "run_portal"]
