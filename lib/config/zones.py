"""Time zones by their IANA names, old names included."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from zoneinfo import ZoneInfo

#: The tz database as one text file, which Debian ships beside the compiled zones.
_DATABASE = "tzdata.zi"


def find(name: str) -> ZoneInfo | None:
    """Return the zone of that name; None when the tz database has none.

    Debian 13 keeps the files of old names, such as `Asia/Calcutta`, in a package of its own, but
    its text file still says which zone each of them is a link to.
    """
    return _compiled(name) or _compiled(_links().get(name, ""))


def _compiled(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _links() -> dict[str, str]:
    """Return each old name with the name of its zone."""
    found: dict[str, str] = {}

    for directory in zoneinfo.TZPATH:
        file = Path(directory) / _DATABASE
        if not file.is_file():
            continue

        for line in file.read_text(encoding="utf-8").splitlines():
            # A link is a line of its own: L TARGET NAME.
            if line.startswith("L "):
                _, target, old_name = line.split()
                found.setdefault(old_name, target)

    return found
