"""Run inside the image by check_image.py: the browser opens a page in its sandbox and prints it, WeasyPrint prints.

Customers' names may be in any script of India: one for which there is no font would print as nothing. The page's own
fonts have Latin, Devanagari and Tamil.
"""

import io
import shutil
import sys

import pikepdf
from playwright.sync_api import sync_playwright

from lib.reports.render import weasyprint_engine

PAGE = "<html lang=en><title>The page opens</title><p>₹ 1,23,456"
NAMES = {
    "Bengali": "অনিতা",
    "Gujarati": "અનિતા",
    "Gurmukhi": "ਅਨੀਤਾ",
    "Kannada": "ಅನಿತಾ",
    "Malayalam": "അനിത",
    "Odia": "ଅନିତା",
    "Telugu": "అనితా",
}


def fonts(printed):
    """Return the names of the fonts from which the pages were drawn."""
    names = set()
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        for page in pdf.pages:
            names |= {str(font.BaseFont) for _, font in page.Resources.Font.items()}

    return names


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium-headless-shell"),
        chromium_sandbox=True,
        timeout=60_000,
    )
    page = browser.new_page()
    page.set_content(PAGE)
    assert page.title() == "The page opens"
    assert page.pdf().startswith(b"%PDF-")
    browser.close()
assert weasyprint_engine.render(PAGE).startswith(b"%PDF-")
drawn_with = fonts(weasyprint_engine.render(f"{PAGE}<p>{' '.join(NAMES.values())}"))
assert [script for script in NAMES if not any(script in font for font in drawn_with)] == [], (
    drawn_with
)
sys.stdout.write("a page opened and both engines printed\n")
