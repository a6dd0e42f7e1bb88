"""The engines that draw pages.

Functions that a drawing process can be given to call; each imports what it needs itself.
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
    """Return the engine of PDF_RENDER_BACKEND.

    Raise ConfigurationError if it needs a Chromium and there is none.
    """
    from lib.config import PdfBackend

    pdf = settings.pdf
    if pdf.backend is PdfBackend.WEASYPRINT:
        return partial(
            weasyprint,
            templates_dir=pdf.templates_dir,
            logo=pdf.logo,
        )

    from lib.reports.render.chromium_engine import find

    executable = find(pdf.chrome_executable or settings.portal.browser_executable)

    return partial(chromium, executable=executable, templates_dir=pdf.templates_dir)


def weasyprint(
    html: str,
    *,
    templates_dir: Path | None = None,
    logo: Path | None = None,
) -> bytes:
    """Return the PDF that WeasyPrint draws: PDF/UA, with form fields, the same bytes each time."""
    from lib.reports.render import weasyprint_engine

    return weasyprint_engine.render(html, templates_dir=templates_dir, logo=logo)


def chromium(
    html: str,
    *,
    executable: Path,
    templates_dir: Path | None = None,
) -> bytes:
    """Return the PDF that a Chromium of its own draws: tagged, with form fields.

    The bytes may differ from time to time.
    """
    from lib.reports.render import chromium_engine as engine

    return engine.render(html, executable, templates_dir=templates_dir)
