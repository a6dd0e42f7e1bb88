"""Draw each kind of mail in a real browser: 360 and 1280 px wide, light and dark, on one sheet each.

python -m tests.proofs.mails.pictures docs/explanation/mails
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from lib import chromium
from lib.notify.message import html
from tests.factories.mail_samples import samples

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
GAP_PX = 16
COLOURS = 48


def main(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(None),
            args=["--no-sandbox", *chromium.QUIET_SWITCHES],
        )
        for name, mail in samples().items():
            page = html.page(mail)
            shots = [_shot(browser, page, width, scheme) for width in WIDTHS for scheme in SCHEMES]
            sheet = _sheet(shots).quantize(COLOURS)
            sheet.save(directory / f"{name}.png", optimize=True)

        browser.close()


def _shot(browser: Browser, page: str, width: int, scheme: str) -> Image.Image:
    context = browser.new_context(viewport={"width": width, "height": 100}, color_scheme=scheme)
    view = context.new_page()
    view.set_content(page)
    data = view.screenshot(full_page=True)
    context.close()

    return Image.open(BytesIO(data)).convert("RGB")


def _sheet(shots: list[Image.Image]) -> Image.Image:
    """Return the two narrow ones side by side, the two wide ones below them."""
    light, dark, *wide = shots
    width = max(shot.width for shot in wide)
    height = light.height + sum(shot.height + GAP_PX for shot in wide)
    sheet = Image.new("RGB", (width, height), "white")

    sheet.paste(light, (0, 0))
    sheet.paste(dark, (light.width + GAP_PX, 0))
    top = light.height + GAP_PX

    for shot in wide:
        sheet.paste(shot, (0, top))
        top += shot.height + GAP_PX

    return sheet


if __name__ == "__main__":
    main(Path(sys.argv[1]))
