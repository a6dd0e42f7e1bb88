"""The pages of mails in a real browser: on a phone and on a desk, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from lib import chromium
from lib.domain.headline import DaySale, Sale, to_json
from lib.notify.message import html
from tests.factories.headline import headline
from tests.factories.mail_samples import kept, report_mail, samples

SMALLEST_PX = 13
#: Of WCAG 2.2 AA, for text of ordinary size.
CONTRAST = 4.5
LONG_NAME = "Kanchenjunga Road Extension Phase Two, Behind the Old Municipal Market " * 2
CRORES = 10**10

#: Every element that has text of its own, with what a reader sees of it.
SEEN = """
() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = colour.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const seen = [];
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgb(style.color)), light(behind(e))].sort((x, y) => y - x);
    seen.push({text: e.textContent.trim(), size: parseFloat(style.fontSize),
               contrast: (a + 0.05) / (b + 0.05)});
  }
  return seen;
}
"""

#: On how many lines each large figure stands.
LINES_OF_FIGURES = """
() => [...document.querySelectorAll('.figure td:first-child')].map(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
})
"""


def pages() -> dict[str, str]:
    mails = samples()
    days = (*headline().sale.days[:-1], DaySale(headline().on, CRORES))
    extreme = kept(to_json(headline(sale=Sale(days))))
    mails["extreme"] = report_mail(extreme, name=LONG_NAME)

    return {name: html.page(mail) for name, mail in mails.items()}


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        executable = chromium.find(None)
        launched = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", *chromium.QUIET_SWITCHES]
        )
        yield launched
        launched.close()


@pytest.mark.integration
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_mail_fits_is_readable_and_asks_for_nothing(browser, width, scheme):
    context = browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme, java_script_enabled=True
    )
    view = context.new_page()
    asked = []
    view.on("request", lambda request: asked.append(request.url))

    for name, page in pages().items():
        view.set_content(page)
        assert view.evaluate("document.documentElement.scrollWidth") <= width, name

        assert set(view.evaluate(LINES_OF_FIGURES)) <= {1}, name

        seen = view.evaluate(SEEN)
        assert seen, name
        for one in seen:
            if one["text"]:
                assert one["size"] >= SMALLEST_PX, (name, one)
                assert one["contrast"] >= CONTRAST, (name, one)

        background = view.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == "rgb(21, 25, 30)") == (scheme == "dark"), name

    assert asked == []
    context.close()


@pytest.mark.integration
def test_the_preview_is_nowhere_on_the_page(browser):
    mail = samples()["owner"]
    view = browser.new_page()
    view.set_content(html.page(mail))
    assert mail.panel.preview not in view.inner_text("body")
    assert mail.panel.preview in view.content()
    view.close()
