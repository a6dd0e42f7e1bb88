"""Where the page about a drill lies. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

#: Below REPORTS_ROOT.
FOLDER = "drills"
NAME = re.compile(r"drill_(?P<day>\d{8})_\d{12}\.pdf", re.ASCII)


def path(reports_root: Path, began_at: datetime) -> Path:
    """Return the absolute path of the page about the drill that began then; its name is in UTC."""
    return (
        reports_root.absolute() / FOLDER / f"drill_{began_at.astimezone(UTC):%Y%m%d_%H%M%S%f}.pdf"
    )
