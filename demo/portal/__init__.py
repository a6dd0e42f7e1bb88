"""A simulator of the portal that is never kinder than the facts.

Source: docs/reference/domain.md#the-portal, #the-exports.
"""

from demo.portal.control import Control
from demo.portal.faults import Endpoint, Fault, Host, Kind
from demo.portal.server import RunningPortal, run_portal
from demo.portal.world import World

__all__ = ["Control", "Endpoint", "Fault", "Host", "Kind", "RunningPortal", "World", "run_portal"]
