"""Who draws the pages. Functions that a worker process can be told to call; each imports what it needs itself."""

from __future__ import annotations

from collections.abc import Callable

from lib.config import PdfBackend, PdfSettings
from lib.errors import ConfigurationError

Draw = Callable[[str], bytes]
"""From a page's HTML to its PDF."""


def chosen(pdf: PdfSettings) -> Draw:
    """Return the backend of PDF_RENDER_BACKEND; ConfigurationError for one that cannot make a whole report."""
    if pdf.backend is PdfBackend.WEASYPRINT:
        return weasyprint
    raise ConfigurationError(
        f"PDF_RENDER_BACKEND={pdf.backend} cannot make the form fields of a daily report; set it to weasyprint"
    )


def weasyprint(html: str) -> bytes:
    """Draw with WeasyPrint: tagged, with form fields."""
    from lib.reports import pdf

    return pdf.render(html)
