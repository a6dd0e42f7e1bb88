"""The only WeasyPrint.

Importing it takes half a second: it is imported where pages are drawn and nowhere else.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from cssselect2 import ElementWrapper  # type: ignore[import-untyped]

from lib.errors import JobError
from lib.reports.render import deferred_imports, page_fields, shared_libraries

#: What WeasyPrint 70 does with these is done by HarfBuzz here; they take a quarter of its import.
RARELY_NEEDED = ("fontTools.subset", "fontTools.varLib.instancer")

with (
    shared_libraries.linux_library_names(),
    deferred_imports.on_first_call(*RARELY_NEEDED),
):
    from weasyprint import CSS, HTML  # type: ignore[import-untyped]
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # type: ignore[import-untyped]

    from lib.reports.render import weasyprint_fields, weasyprint_shortcuts, written_objects

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
        super().__init__(
            allowed_protocols=["file"],
            allow_redirects=False,
            fail_on_errors=True,
        )

        self._roots = [root.resolve() for root in roots]

    def fetch(
        self,
        url: str,
        headers: dict[str, str] | None = None,
    ) -> URLFetcherResponse:
        """Return the asset; raise ValueError for anything else that a page names."""
        path = Path(unquote(urlsplit(url).path)).resolve()
        if not any(map(path.is_relative_to, self._roots)):
            raise ValueError("a report may only use the files that come with it")

        return super().fetch(url, headers)


class _Shared(NamedTuple):
    """What costs time to read and is the same for every report of a process."""

    fonts: FontConfiguration
    style_sheets: list[CSS]


def render(
    html: str,
    *,
    templates_dir: Path | None = None,
    logo: Path | None = None,
) -> bytes:
    """Return a tagged PDF/UA with form fields; the same HTML gives the same bytes.

    Raise RenderingFailed if the page names anything but our files, those in `templates_dir` and the
    logo, or has a field that a report cannot have.
    """
    assets = LocalAssets(ASSETS, *filter(None, (templates_dir, logo)))
    shared = _shared(templates_dir)
    page = _page(html, assets)

    problem = page_fields.problem(page.etree_element)
    if problem is not None:
        raise RenderingFailed(
            f"the page has {problem}; a report's fields are text, textarea and check boxes,"
            " none of them readonly, disabled or required"
        )

    try:
        with weasyprint_shortcuts.taken(), written_objects.less_effort():
            return bytes(
                page.write_pdf(
                    font_config=shared.fonts,
                    finisher=_finish,
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


def _finish(document: Any, pdf: Any) -> None:
    weasyprint_fields.finish(document, pdf)
    written_objects.write_once(pdf)


class _Xml(HTML):  # type: ignore[misc]
    """Parse a page as `HTML` does, but as XML, ten times faster.

    Raise ParseError if the page is no XML.
    """

    def __init__(
        self,
        page: str,
        assets: LocalAssets,
    ) -> None:
        self.base_url = str(STYLE_SHEET)
        self.url_fetcher = assets
        self.media_type = "print"

        # From our template, with all values escaped.
        self.etree_element = ET.fromstring(page)  # noqa: S314
        self.wrapper_element = ElementWrapper.from_html_root(
            self.etree_element,
            content_language=None,
        )


def _page(html: str, assets: LocalAssets) -> HTML:
    """Return the page parsed as XML, as ours are, or as HTML, as an operator's may be."""
    try:
        return _Xml(html, assets)
    except ET.ParseError:
        return HTML(
            string=html,
            base_url=str(STYLE_SHEET),
            url_fetcher=assets,
        )


@cache
def _shared(templates_dir: Path | None) -> _Shared:
    # One for all reports of the process: without it each keeps some memory of its fonts.
    fonts = FontConfiguration()
    roots = [ASSETS]
    files = [STYLE_SHEET]

    if templates_dir:
        roots.append(templates_dir)

        theirs = templates_dir / STYLE_SHEET.name

        if theirs.exists():
            files.append(theirs)

    assets = LocalAssets(*roots)
    sheets = []

    for file in files:
        sheets.append(
            CSS(
                filename=file,
                font_config=fonts,
                url_fetcher=assets,
            )
        )

    return _Shared(fonts, sheets)
