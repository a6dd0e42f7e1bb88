"""Who draws the pages.

Functions that a worker process can be told to call; each imports what it needs itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.config import Settings

#: From a page's HTML to its PDF.
Draw = Callable[[str], bytes]


def chosen(settings: Settings) -> Draw:
    """Return the backend of PDF_RENDER_BACKEND; ConfigurationError when it needs a Chromium and there is none."""
    from lib.config import PdfBackend

    weasyprint_engine = settings.pdf
    if weasyprint_engine.backend is PdfBackend.WEASYPRINT:
        return partial(
            weasyprint, templates_dir=weasyprint_engine.templates_dir, logo=weasyprint_engine.logo
        )

    from lib.reports.render.chromium_engine import find

    executable = find(weasyprint_engine.chrome_executable or settings.portal.browser_executable)

    return partial(chromium, executable=executable, templates_dir=weasyprint_engine.templates_dir)


def weasyprint(html: str, *, templates_dir: Path | None = None, logo: Path | None = None) -> bytes:
    """Draw with WeasyPrint: PDF/UA, with form fields, the same bytes for the same page."""
    from lib.reports.render import weasyprint_engine

    return weasyprint_engine.render(html, templates_dir=templates_dir, logo=logo)


def chromium(html: str, *, executable: Path, templates_dir: Path | None = None) -> bytes:
    """Draw with one Chromium for the page: tagged, with form fields; the bytes may differ from time to time."""
    from lib.reports.render import chromium_engine as engine

    return engine.render(html, executable, templates_dir=templates_dir)
