"""What a page may fetch, and what people's names may do to it: nothing."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import chromium_engine, text_width, weasyprint_engine
from tests.factories.reports import RUN, facts, lead

SECRET = "canary-7f3a"


@pytest.fixture
def places(tmp_path):
    """A directory of templates, a secret beside it, and a link from the one to the other."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "own.txt").write_text("own")
    (tmp_path / "secret.txt").write_text(SECRET)
    (theirs / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "theirs-too").mkdir()
    (tmp_path / "theirs-too" / "secret.txt").write_text(SECRET)
    return theirs


def read(directory, url):
    with closing(weasyprint_engine.LocalAssets(directory).fetch(url)) as answer:
        return answer.read()


def test_a_file_that_comes_with_the_report_is_fetched(places):
    assert read(places, (places / "own.txt").as_uri()) == b"own"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "file:{places}/../secret.txt",
        "file://{places}/../secret.txt",
        "file://{places}/%2e%2e/secret.txt",
        "file://{places}/..%2fsecret.txt",
        "file://{places}/link.txt",
        "file://{places}-too/secret.txt",
        "file://localhost/etc/passwd",
        "FILE:///etc/passwd",
        "http://127.0.0.1:9/x.png",
        "https://example.invalid/x.png",
        "ftp://example.invalid/x",
        "//example.invalid/x.png",
        "data:text/plain,x",
        "/etc/passwd",
        "",
    ],
)
def test_nothing_else_is(places, url):
    with pytest.raises((ValueError, weasyprint_engine.FatalURLFetchingError, OSError)):
        read(places, url.format(places=places))


@pytest.mark.parametrize(
    "element",
    [
        '<img src="{url}">',
        '<link rel="attachment" href="{url}">',
        '<a rel="attachment" href="{url}">x</a>',
        '<link rel="stylesheet" href="{url}">',
        '<style>@import url("{url}");</style>',
        '<style>@font-face {{ font-family: x; src: url("{url}") }} p {{ font-family: x }}</style><p>x</p>',
        '<p style="background: url({url})">x</p>',
        '<object data="{url}"></object>',
        '<embed src="{url}">',
        '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    ],
)
@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://127.0.0.1:9/x"], ids=["file", "network"]
)
def test_no_element_of_a_page_brings_a_foreign_file_into_the_report(element, url):
    page = f"<html lang='en'><head><title>t</title></head><body>{element.format(url=url)}</body></html>"
    try:
        made = weasyprint_engine.render(page)
    except weasyprint_engine.RenderingFailed:
        return
    reader = PdfReader(BytesIO(made))
    assert not reader.attachments
    assert b"root:" not in made
    assert "root:" not in "".join(each.extract_text() for each in reader.pages)


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=file:///etc/passwd onerror=alert(1)>",
    "</table></body></html>",
    "\" onmouseover='x'",
    "{{ 7 * 7 }}{% include 'x' %}",
    "&lt;b&gt;",
    "\u202eevil\u2066",
)


def page_with(name):
    leads = (lead(customer_name=name),)
    return LexborHTMLParser(
        daily_html(daily_context(facts(open_leads=leads), RUN, ZoneInfo("Asia/Kolkata")))
    )


def tags(page):
    return [node.tag for node in page.css("*")]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_whatever_it_looks_like(name):
    # What may be too wide for its column is cut by an element of its own.
    short, long = (page_with(called) for called in ("Example", 9 * "Example "))
    hostile = page_with(name)
    assert tags(hostile) in (tags(short), tags(long))
    assert text_width.cut(name, 28) in [cell.text(deep=True).strip() for cell in hostile.css("td")]


def test_chromium_gets_a_policy_that_forbids_scripts_and_the_network():
    assert "default-src 'none'" in chromium_engine.POLICY
    assert "script-src" not in chromium_engine.POLICY
    assert "connect-src" not in chromium_engine.POLICY
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in chromium_engine.SWITCHES
