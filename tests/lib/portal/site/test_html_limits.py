"""Pages that would keep a parser busy for hours are told from pages, without parsing them."""

from datetime import date
from pathlib import Path

import pytest

from lib.portal.dashboard import parse
from lib.portal.http import reply
from lib.portal.http.reply import Reply, ReplyKind
from lib.portal.redaction import redact
from lib.portal.site.errors import UntitledPage
from lib.portal.site.html_limits import MAX_BYTES, MAX_GAPS, MAX_TAGS, is_readable

EXAMPLE = (Path(__file__).parents[1] / "data" / "dashboard.html").read_bytes()
TANGLED = {
    "nested a million deep": EXAMPLE + b"<div>" * 1_000_000,
    "a million attributes": EXAMPLE + b"<a " + b"b " * 1_000_000 + b">",
    "a million attributes without a blank": EXAMPLE + b"<a" + b"/b" * 1_000_000 + b">",
    "a million attributes with values": EXAMPLE + b"<a " + b'b="1"' * 1_000_000 + b">",
    "a title without end": b'<h1 class="dashboard-title">' + b"x" * MAX_BYTES,
}


@pytest.mark.parametrize("body", TANGLED.values(), ids=TANGLED)
def test_a_tangled_page_is_never_parsed(body, monkeypatch):
    for module in (reply, redact):
        monkeypatch.delattr(module, "LexborHTMLParser")

    assert reply.classify(Reply(200, {}, body)) is ReplyKind.UNKNOWN
    assert "too tangled to be kept" in redact.page(body.decode())
    with pytest.raises(UntitledPage, match="larger or more tangled than any dashboard"):
        parse.parse(body, store_code="A668", expected_on=date(2025, 12, 9), known_name=None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(EXAMPLE, True, id="a dashboard"),
        pytest.param(EXAMPLE * 80, True, id="eighty of them"),
        pytest.param(b"x" * MAX_BYTES, True, id="as long as a page may be"),
        pytest.param(b"x" * (MAX_BYTES + 1), False, id="longer"),
        pytest.param(b"<b" * MAX_TAGS, True, id="as many tags as there may be"),
        pytest.param(b"<b" * (MAX_TAGS + 1), False, id="more"),
        pytest.param(b"b " * MAX_GAPS, True, id="as many gaps as there may be"),
        pytest.param(b"b " * (MAX_GAPS + 1), False, id="more of them"),
        pytest.param(b" " * MAX_BYTES, True, id="a wide gap is one"),
    ],
)
def test_there_is_room_for_every_real_page(body, expected):
    assert is_readable(body) is expected


def test_only_the_first_headings_of_a_page_are_looked_at():
    section = b'<h3 class="section-title">Revenue</h3><table class="table table-bordered"><tr><td>1</td></tr></table>'
    body = EXAMPLE + section * 1_500
    page = parse.parse(body, store_code="A900", expected_on=date(2025, 12, 9), known_name=None)

    assert page.store_name == "RIVERSIDE COLONY"
