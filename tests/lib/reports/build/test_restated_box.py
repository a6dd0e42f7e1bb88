"""The box of restated figures is on the page exactly where the stored figures ask for it."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from lib.config.settings import PdfBackend, PdfSettings
from lib.db import jsonb
from lib.domain import restatement
from lib.domain.restatement import Restated
from lib.model import MetricKind, Pipeline
from lib.reports.build.html import combined_html, period_html
from lib.reports.combined.context import combined_context
from lib.reports.period.context import store_context
from lib.reports.view import restated
from tests.factories import periods
from tests.factories.periods import WEEK, run_of, store

ZONE = ZoneInfo("Asia/Kolkata")
PDF = PdfSettings(PdfBackend.WEASYPRINT, None)
RUN = run_of(Pipeline.WEEKLY, WEEK)
OF_STORE = store_context(store(Pipeline.WEEKLY, WEEK), RUN, ZONE)
OF_ALL = combined_context([periods.standing(Pipeline.WEEKLY, WEEK)], RUN, WEEK, ZONE)

values = st.integers(-10, 3_000) | st.decimals(0, 3_000_000, places=2)
figures = st.builds(
    Restated,
    st.just(WEEK.first),
    st.just(WEEK.last),
    st.sampled_from(["Sale", "Pickups"]),
    st.sampled_from([MetricKind.MONEY, MetricKind.COUNT]),
    st.none() | values,
    values,
)


class Boxes(HTMLParser):
    """Counts the boxes of a page, and the lines in them."""

    def __init__(self, text):
        super().__init__()
        self.boxes, self.lines, self._is_inside = 0, 0, False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "section":
            self._is_inside = ("class", "restated") in attrs
            self.boxes += self._is_inside

        self.lines += tag == "li" and self._is_inside


@settings(max_examples=40)
@given(st.lists(figures, max_size=4))
def test_a_page_has_the_box_if_and_only_if_a_figure_of_its_row_moved_by_enough(found):
    row = restatement.to_json(tuple(found))
    read = restatement.from_json(json.loads(jsonb.dumps(row)) if row else None)
    shown = sum(figure.is_shown for figure in read)

    for context, html in ((OF_STORE, period_html), (OF_ALL, combined_html)):
        page = Boxes(html(replace(context, restated=restated.lines(read)), PDF))

        assert (page.boxes, page.lines) == (bool(shown), shown)
