"""What is skipped in WeasyPrint changes no byte of a page, and nothing outside of ours."""

from contextlib import nullcontext
from zoneinfo import ZoneInfo

import pytest
from weasyprint.layout import percent
from weasyprint.text.line_break import Layout

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import weasyprint_engine, weasyprint_shortcuts, written_objects
from tests.factories.reports import RUN, facts

pytestmark = pytest.mark.integration

HEAD = '<!DOCTYPE html>\n<html lang="en"><head><title>Any</title><style>{}</style></head>'
PAGES = {
    "a daily report with lists": daily_html(
        daily_context(facts(orders=9, leads=9), RUN, ZoneInfo("Asia/Kolkata"))
    ),
    "words spread out, drop caps, first lines": HEAD.format(
        "p { text-align: justify; width: 50mm } p::first-letter { font-size: 30pt }"
        "p::first-line { font-weight: 600; font-size: 14pt }"
    )
    + f"<body><p>{'Spread out over several lines, पढ़ें ₹ 12. ' * 20}</p></body></html>",
    "lengths in per cent and by calc": HEAD.format(
        "div { width: 40%; margin: 2% auto; padding: calc(1% + 2px); min-height: 3em }"
    )
    + "<body><div><div>Inner<br/>text</div></div></body></html>",
    "broken words and hyphens": HEAD.format("p { width: 20mm; hyphens: auto }")
    + "<body><p>Extraordinarily incomprehensible characterisations</p></body></html>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_has_the_same_bytes_with_and_without_the_shortcuts(page, monkeypatch):
    short = weasyprint_engine.render(page)
    monkeypatch.setattr(weasyprint_shortcuts, "taken", nullcontext)
    assert weasyprint_engine.render(page) == short


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_objects_made_once_are_those_that_weasyprint_makes(page, monkeypatch):
    monkeypatch.setattr(written_objects, "EFFORT", 9)
    once = weasyprint_engine.render(page)
    monkeypatch.setattr(written_objects, "write_once", lambda _pdf: None)
    assert weasyprint_engine.render(page) == once


def test_the_shortcuts_end_with_the_page():
    own = Layout.reactivate, percent.resolve_one_percentage
    with weasyprint_shortcuts.taken():
        assert Layout.reactivate is not own[0]
        assert percent.resolve_one_percentage is not own[1]
    assert (Layout.reactivate, percent.resolve_one_percentage) == own
