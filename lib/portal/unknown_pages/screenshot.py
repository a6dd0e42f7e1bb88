"""A page in the browser, as picture and text, after what it may know about people has been masked in place."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lib.portal.redaction import redact
from lib.portal.unknown_pages import save

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TEXTS = """
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const nodes = []; while (walker.nextNode()) nodes.push(walker.currentNode);
"""
_READ = f"(hidden) => {{ {_TEXTS} return nodes.map(n => [n.data, !!n.parentElement?.closest(hidden)]); }}"
_WRITE = f"""(texts) => {{
  {_TEXTS}
  nodes.forEach((n, i) => n.data = texts[i] ?? '');
  document.querySelectorAll('input, textarea, select').forEach(f => {{ f.value = ''; f.placeholder = ''; }});
  document.querySelectorAll('img, svg, canvas, video, iframe, object, embed').forEach(e => e.style.opacity = 0);
  document.querySelectorAll('*').forEach(e => {{
    e.style.backgroundImage = 'none';
    if (e.shadowRoot) e.style.opacity = 0;
  }});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('*::before, *::after, *::marker {{ content: none !important }}');
  document.adoptedStyleSheets = [sheet];
}}"""


def keep(page: Page, directory: Path | None, name: str) -> None:
    """Keep the page under `name`.

    Never raises: a page that is gone cannot be kept, and the login's outcome stands.
    """
    from playwright.sync_api import Error

    if directory is None:
        return

    with suppress(Error):
        html = redact.page(page.content())
        picture = None

        with suppress(Error):  # without a picture the text is still worth keeping
            texts = page.evaluate(_READ, redact.PRIVATE)
            page.evaluate(
                _WRITE, [redact.text(text, is_private=is_private) for text, is_private in texts]
            )
            picture = page.screenshot(full_page=False, animations="disabled", caret="hide")

        save.keep(directory, name, html=html, picture=picture)
