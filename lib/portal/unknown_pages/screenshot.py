"""A page in the browser, as picture and text, after personal data has been masked in place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lib.portal.redaction import redact
from lib.portal.unknown_pages import save

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TEXT_NODES = """
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
"""

#: Return each text with whether it stands inside an element of the selector `hidden`.
_READ = f"""(hidden) => {{
  {_TEXT_NODES}
  return nodes.map(node => [node.data, !!node.parentElement?.closest(hidden)]);
}}"""

#: Put the masked texts in place, and hide whatever else can show data: fields, pictures, shadow
#: trees, generated content.
_WRITE = f"""(texts) => {{
  {_TEXT_NODES}
  nodes.forEach((node, index) => node.data = texts[index] ?? '');
  document.querySelectorAll('input, textarea, select').forEach(field => {{
    field.value = '';
    field.placeholder = '';
  }});
  const pictures = 'img, svg, canvas, video, iframe, object, embed';
  document.querySelectorAll(pictures).forEach(element => element.style.opacity = 0);
  document.querySelectorAll('*').forEach(element => {{
    element.style.backgroundImage = 'none';
    if (element.shadowRoot) element.style.opacity = 0;
  }});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*::before, *::after, *::marker {{ content: none !important }}');
  document.adoptedStyleSheets = [sheet];
}}"""


def keep(page: Page, directory: Path | None, name: str) -> None:
    """Keep a redacted copy of the page under `name`.

    Never raises: a page that is gone cannot be kept, and the login's outcome is what counts.
    """
    from playwright.sync_api import Error

    if directory is None:
        return

    with suppress(Error):
        html = redact.page(page.content())
        picture = None

        # Without a picture the text is still worth keeping.
        with suppress(Error):
            masked = []
            for text, is_private in page.evaluate(_READ, redact.PRIVATE):
                masked.append(redact.text(text, is_private=is_private))

            page.evaluate(_WRITE, masked)
            picture = page.screenshot(
                full_page=False,
                animations="disabled",
                caret="hide",
            )

        save.keep(directory, name, html=html, picture=picture)
