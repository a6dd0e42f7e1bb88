"""Run inside the image by check_image.py: the browser opens a page in its sandbox and prints it, WeasyPrint prints."""

import shutil
import sys

from playwright.sync_api import sync_playwright

from lib.reports import pdf

PAGE = "<html lang=en><title>The page opens</title><p>₹ 1,23,456"

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium-headless-shell"), chromium_sandbox=True, timeout=60_000
    )
    page = browser.new_page()
    page.set_content(PAGE)
    assert page.title() == "The page opens"
    assert page.pdf().startswith(b"%PDF-")
    browser.close()
assert pdf.render(PAGE).startswith(b"%PDF-")
sys.stdout.write("a page opened and both engines printed\n")
