"""Where a drill may run: on a host that is staging by its own settings, and nowhere else. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lib.config import Settings
from lib.drill.model import Fault
from lib.errors import ConfigurationError

PRODUCTION = "prod"
#: Whoever reaches the portal through a proxy already cannot have ours put in between.
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")


def require(settings: Settings) -> None:
    """Raise ConfigurationError unless the settings say that runs may be broken here."""
    if settings.run_env == PRODUCTION:
        raise ConfigurationError(
            "RUN_ENV is prod: a drill breaks runs on purpose and never runs in production; run it"
            " on the staging host (docs/how-to/run-a-fault-drill.md)"
        )

    if not settings.drill.is_allowed:
        raise ConfigurationError(
            "DRILL_ALLOWED is not true: a drill breaks runs on purpose; set DRILL_ALLOWED=true in"
            " the settings of a staging host, and only there (docs/how-to/run-a-fault-drill.md)"
        )

    if settings.drill.backups is None:
        raise ConfigurationError(
            "DRILL_BACKUPS is missing: name the directory of the backups, of which the youngest is"
            " restored (docs/how-to/run-a-fault-drill.md)"
        )


def impossible(environ: Mapping[str, str], disk_problem: str) -> dict[Fault, str]:
    """Return the faults that cannot be put into a run on this host, each with its reason."""
    found = {}

    if disk_problem:
        found[Fault.DISK] = disk_problem

    for name in _PROXIES:
        if environ.get(name):
            found[Fault.PORTAL] = f"{name} is set, and a run has one proxy only"

    return found


class FaultImpossible(ConfigurationError):
    """A fault was asked for that cannot be put into a run on this host."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(f"the fault {fault} cannot be done here: {reason}; choose another one")
