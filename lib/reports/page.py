"""From a context to HTML: templates are strict, so a name they misspell is an error and not a hole in the page."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lib.reports import figures
from lib.reports.context import DailyContext

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def daily_html(context: DailyContext) -> str:
    """Return the page of one store and day, without its style sheet."""
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return _templates().get_template("daily_report.html").render(values)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        day=figures.day,
        count=figures.count,
        rupees_and_paise=figures.rupees_and_paise,
        moment=figures.day_and_time,
        iso=_iso,
        slug=_slug,
    )
    return templates


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _slug(label: str) -> str:
    return label.lower().replace(" ", "-")
