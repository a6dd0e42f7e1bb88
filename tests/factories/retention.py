"""The rows of the table of what is kept how long, for tests about one of them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from lib.pipelines.prune import table
from tests.factories import notify_rows


def kind_named(name: str, engine: Engine) -> table.Kind:
    """Return the row of that name, with the settings' defaults; its paths are not to be used."""
    [found] = [
        one for one in table.kinds(engine, notify_rows.settings(Path(), None)) if one.name == name
    ]
    return found
