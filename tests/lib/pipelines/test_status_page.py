"""The page of `jobs.status --html` in a real browser, on a phone and on a desk."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import sync_playwright

from lib.model import Pipeline
from lib.pipelines.status import Overview, page
from lib.pipelines.status.facts import MailGroup, Morning, RunRow, Step, grid
from lib.portal.browser import find

TODAY = date(2025, 11, 18)
AT = datetime(2025, 11, 18, 3, tzinfo=UTC)
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WIDTHS = "[...document.querySelectorAll('.days td[class], .periods li')].map(one => one.getBoundingClientRect().width)"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        executable = find.find(None, Path(playwright.chromium.executable_path))
        launched = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", *find.SWITCHES]
        )
        yield launched
        launched.close()


@pytest.fixture
def file(tmp_path):
    run = RunRow(
        Pipeline.MONTHLY,
        "20251118_030000000000-2025-10",
        TODAY,
        "warning",
        AT,
        AT,
        closes=True,
        summary="",
    )
    cells = grid(TODAY, {date(2025, 11, 12)}, [run], dict.fromkeys(Pipeline, frozenset()))
    mails = (MailGroup(Pipeline.MONTHLY, date(2025, 10, 31), "uncertain", 12),)
    codes = tuple(f"S{number:03}" for number in range(100))
    seen = Overview(
        at=AT,
        today=TODAY,
        headline="Today: 100 of 100 stores have no report: " + ", ".join(codes),
        morning=Morning(TODAY, codes, dict.fromkeys(codes, ""), has_run=True, is_running=False),
        runs=(run,) * 8,
        grid=cells,
        mails=mails,
        unread=(Pipeline.MONTHLY,),
        killed=("killed",),
        steps=(Step("notify", "--flag " * 20), Step("reports", "--flag " * 20, is_required=False)),
    )
    path = tmp_path / "status.html"
    path.write_text(
        page(seen, ZoneInfo("Asia/Kolkata"), "python -m jobs.{}".format), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(("width", "height"), [(360, 740), (1280, 900)], ids=["phone", "desk"])
def test_it_fits_shows_every_square_and_asks_for_nothing(browser, file, width, height):
    view = browser.new_page(viewport={"width": width, "height": height})
    asked, complaints = [], []
    view.on("request", lambda request: asked.append(request.url))
    view.on("console", lambda message: complaints.append(message.text))
    view.goto(file.as_uri())

    assert (asked, complaints) == ([file.as_uri()], [])
    assert not view.evaluate(SIDEWAYS)
    widths = view.evaluate(WIDTHS)
    assert len(widths) == 35 + 12 + 12
    assert min(widths) > 40, "wide enough for a finger"
    view.close()
