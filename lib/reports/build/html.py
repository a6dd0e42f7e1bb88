"""From a context to HTML.

Templates are strict: a name they misspell is an error and not a hole in the page.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lib import dates, formatting
from lib.config import PdfBackend, PdfSettings
from lib.reports.combined.context import CombinedContext
from lib.reports.daily.context import DailyContext
from lib.reports.drill.context import DrillContext
from lib.reports.period.context import PeriodContext
from lib.reports.render import printed_letters, text_width
from lib.reports.view.chart_data import Chart
from lib.reports.view.target_dots import TargetDots

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parents[1] / "templates"
#: Our own templates and no logo.
OURS = PdfSettings(PdfBackend.WEASYPRINT, chrome_executable=None)


def daily_html(
    context: DailyContext,
    pdf: PdfSettings = OURS,
) -> str:
    """Return the page of one store and day, without its style sheet."""
    return _render("daily_report.html", context, pdf)


def period_html(
    context: PeriodContext,
    pdf: PdfSettings = OURS,
) -> str:
    """Return the page of one store and one week or month, without its style sheet."""
    return _render(context.calendar.template, context, pdf)


def combined_html(
    context: CombinedContext,
    pdf: PdfSettings = OURS,
) -> str:
    """Return the page of all stores and one day, week or month, without its style sheet."""
    return _render("combined_report.html", context, pdf)


def drill_html(
    context: DrillContext,
    pdf: PdfSettings = OURS,
) -> str:
    """Return the page about a fault drill, without its style sheet."""
    return _render("drill_report.html", context, pdf)


def _render(
    template: str,
    context: DailyContext | PeriodContext | CombinedContext | DrillContext,
    pdf: PdfSettings,
) -> str:
    values = {}

    for field in fields(context):
        values[field.name] = getattr(context, field.name)

    logo = pdf.logo.as_uri() if pdf.logo else ""

    return _templates(pdf.templates_dir).get_template(template).render(values, logo=logo)


@cache
def _templates(theirs: Path | None) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # The operator's templates come first; what they do not replace is ours.
    directories = [theirs, TEMPLATES] if theirs else [TEMPLATES]

    templates = Environment(
        loader=FileSystemLoader(directories),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    templates.filters.update(
        day=formatting.day,
        short_day=formatting.short_day,
        phone_link=formatting.phone_link,
        count=formatting.count,
        rupees_and_paise=formatting.rupees_and_paise,
        moment=formatting.day_and_time,
        drawn=_drawn,
        iso=partial(dates.iso_utc, timespec="seconds"),
        local_iso=_local_iso,
        slug=_slug,
        shortened=formatting.shortened,
    )

    templates.filters.update(
        cut_to=text_width.cut,
        only_printed=printed_letters.only_printed,
    )
    templates.tests.update(wider_than=text_width.is_wider_than)
    return templates


def _drawn(chart: Chart | TargetDots) -> Markup:
    from markupsafe import Markup

    from lib.reports.render import chart_svg, dots_svg

    drawing = dots_svg.svg(chart) if isinstance(chart, TargetDots) else chart_svg.svg(chart)

    # An XML writer made it, from values and our own words.
    return Markup(drawing)  # noqa: S704


def _local_iso(value: datetime, zone: ZoneInfo) -> str:
    return value.astimezone(zone).isoformat(timespec="seconds")


def _slug(label: str) -> str:
    return label.lower().replace(" ", "-")
