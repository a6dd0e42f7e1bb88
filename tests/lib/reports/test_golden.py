"""Every report whole: its text, its structure and what it looks like.

UPDATE_GOLDEN=1 writes the files anew.
"""

import io
import os
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from lib.model import Pipeline
from lib.reports.build.html import combined_html, daily_html, period_html
from lib.reports.combined.context import combined_context
from lib.reports.daily.context import daily_context
from lib.reports.period.context import store_context
from lib.reports.render import weasyprint_engine
from tests.factories.periods import DAY, MONTH, WEEK, run_of, standing, store
from tests.factories.reports import RUN, facts

pytestmark = pytest.mark.integration
"""Pages are drawn by Pango, a library of the system."""

GOLDEN = Path(__file__).parent / "golden"
IST = ZoneInfo("Asia/Kolkata")
LOOKS = ["daily", "weekly", "monthly", "daily-all", "weekly-all", "monthly-all"]
SCALE = 0.6
"""Of 72 dots an inch: enough to see what moved, small enough to keep."""
MAX_DIFFERENT = 0.01
"""Share of pixels that may be of another shade; a line of text that moves by 1 mm is about 0.02."""
ANOTHER_SHADE = 48


@cache
def drawn(name):
    return weasyprint_engine.render(pages()[name]())


def pages():
    gap = {WEEK.first.replace(day=13)}
    week, month = run_of(Pipeline.WEEKLY, WEEK), run_of(Pipeline.MONTHLY, MONTH)

    return {
        "daily": lambda: daily_html(daily_context(facts(orders=6, leads=6), RUN, IST)),
        "weekly": lambda: period_html(
            store_context(store(Pipeline.WEEKLY, WEEK, skip=gap), week, IST)
        ),
        "monthly": lambda: period_html(store_context(store(Pipeline.MONTHLY, MONTH), month, IST)),
        "daily-all": lambda: all_stores(Pipeline.DAILY, DAY),
        "weekly-all": lambda: all_stores(Pipeline.WEEKLY, WEEK, skip=gap, absent=["OLD FORT"]),
        "monthly-all": lambda: all_stores(Pipeline.MONTHLY, MONTH),
    }


def all_stores(pipeline, period, *, skip=(), absent=()):
    """Return the page of three stores: one far behind, one with gaps, one without a target."""
    stores = [
        standing(pipeline, period, "RIVERSIDE COLONY", seed=1, scale=0.7),
        standing(pipeline, period, "LAKE VIEW", seed=2, skip=skip, orders=9),
        standing(pipeline, period, "श्री साईं विहार", seed=3, target=None),
    ]
    run = run_of(pipeline, period)
    return combined_html(combined_context(stores, run, period, IST, absent=absent))


def outline(content):
    """Return the tags of the structure tree, one a line, indented.

    With the words of what has alternative text.
    """
    lines = []

    def walk(node, depth):
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child, depth)
        elif isinstance(node, dict) and "/S" in node:
            said = node.get("/Alt", "")
            lines.append(f"{'  ' * depth}{node['/S'][1:]}{f': {said}' if said else ''}")
            walk(node.get("/K", []), depth + 1) if "/K" in node else None

    walk(PdfReader(io.BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]["/K"], 0)
    return "\n".join(lines) + "\n"


def text(content):
    """Return the words page by page, a line for each line of the page."""
    reader = PdfReader(io.BytesIO(content))
    lines = [
        [" ".join(line.split()) for line in page.extract_text().splitlines()]
        for page in reader.pages
    ]
    return "\n\f\n".join("\n".join(line for line in page if line) for page in lines) + "\n"


def same_as_kept(name, found):
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOOKS)
def test_the_text_is_the_kept_one(name):
    same_as_kept(f"{name}.txt", text(drawn(name)))


@pytest.mark.parametrize("name", LOOKS)
def test_the_structure_is_the_kept_one(name):
    same_as_kept(f"{name}.tags", outline(drawn(name)))


@pytest.mark.parametrize("name", LOOKS)
def test_page_1_looks_like_the_kept_one(name):
    path = GOLDEN / f"{name}.png"
    document = pypdfium2.PdfDocument(drawn(name))
    found = document[0].render(scale=SCALE, grayscale=True, may_draw_forms=False).to_pil().copy()
    document.close()
    if os.environ.get("UPDATE_GOLDEN"):
        found.save(path, optimize=True)
    with Image.open(path) as kept:
        assert found.size == kept.size
        shades = ImageChops.difference(found, kept).histogram()

    assert sum(shades[ANOTHER_SHADE:]) / sum(shades) <= MAX_DIFFERENT


@pytest.mark.parametrize("name", LOOKS[1:])
def test_no_store_code_stands_on_a_weekly_monthly_or_combined_page(name):
    assert not {"A668", "A817", "TS48"} & set(text(drawn(name)).replace("(", " ").split())


@pytest.mark.parametrize("name", LOOKS)
def test_every_drawing_has_words(name):
    lines = outline(drawn(name)).splitlines()
    figures = [line.strip() for line in lines if line.strip().startswith("Figure")]

    assert figures
    assert all(
        line.startswith("Figure: ") and any(char.isdigit() for char in line) for line in figures
    )
