"""The only WeasyPrint.

Importing it takes half a second: it is imported where pages are drawn and nowhere else.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from cssselect2 import ElementWrapper  # type: ignore[import-untyped]

from lib.errors import JobError
from lib.reports.render import shared_libraries

with shared_libraries.by_their_names():
    from weasyprint import CSS, HTML  # type: ignore[import-untyped]
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

ASSETS = Path(__file__).parents[1]
STYLE_SHEET = ASSETS / "templates" / "report.css"

logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class RenderingFailed(JobError):
    """A page could not be drawn."""


class LocalAssets(URLFetcher):  # type: ignore[misc]
    """Fetches what lies below `roots` and refuses everything else, the network above all."""

    def __init__(self, *roots: Path) -> None:
        super().__init__(allowed_protocols=["file"], allow_redirects=False, fail_on_errors=True)
        self._roots = [root.resolve() for root in roots]

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Return the asset; whatever else a page names stops its rendering."""
        path = Path(unquote(urlsplit(url).path)).resolve()
        if not any(path.is_relative_to(root) for root in self._roots):
            raise ValueError("a report may only use the files that come with it")

        return super().fetch(url, headers)


class _Shared(NamedTuple):
    """What costs time to read and is the same for every report of a process."""

    fonts: FontConfiguration
    style_sheets: list[CSS]


def render(html: str, *, templates_dir: Path | None = None, logo: Path | None = None) -> bytes:
    """Return a tagged PDF/UA with form fields; the same HTML gives the same bytes.

    Raises RenderingFailed for a page that names anything but our files, those in `templates_dir`,
    and the logo.
    """
    assets = LocalAssets(ASSETS, *filter(None, (templates_dir, logo)))
    shared = _shared(templates_dir)

    try:
        return bytes(
            _page(html, assets).write_pdf(
                font_config=shared.fonts,
                stylesheets=shared.style_sheets,
                pdf_variant="pdf/ua-1",
                pdf_forms=True,
                pdf_identifier=True,
                custom_metadata=True,
            )
        )
    except FatalURLFetchingError:
        raise RenderingFailed(
            "the page names something that did not come with it; look at the template"
        ) from None


class _Xml(HTML):  # type: ignore[misc]
    """What HTML() makes of a page, from a reader of XML: it takes a tenth of the time that the one of HTML takes.

    Raises ParseError for a page that is no XML.
    """

    def __init__(self, page: str, assets: LocalAssets) -> None:
        self.base_url, self.url_fetcher, self.media_type = str(STYLE_SHEET), assets, "print"
        self.etree_element = ET.fromstring(page)  # noqa: S314 - from our template, with all values escaped
        self.wrapper_element = ElementWrapper.from_html_root(
            self.etree_element, content_language=None
        )


def _page(html: str, assets: LocalAssets) -> HTML:
    """Read the page as XML, which our own templates are, else as HTML, which theirs may be."""
    try:
        return _Xml(html, assets)
    except ET.ParseError:
        return HTML(string=html, base_url=str(STYLE_SHEET), url_fetcher=assets)


@cache
def _shared(templates_dir: Path | None) -> _Shared:
    fonts, theirs = FontConfiguration(), templates_dir and templates_dir / STYLE_SHEET.name
    sheets = [STYLE_SHEET, *([theirs] if theirs and theirs.exists() else [])]
    assets = LocalAssets(ASSETS, *filter(None, [templates_dir]))

    return _Shared(
        fonts, [CSS(filename=sheet, font_config=fonts, url_fetcher=assets) for sheet in sheets]
    )
