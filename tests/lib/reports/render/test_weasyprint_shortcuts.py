"""What is skipped in WeasyPrint changes no byte of a page, and nothing outside of ours."""

import gc
from contextlib import nullcontext
from zoneinfo import ZoneInfo

import pytest
from weasyprint.css import ComputedStyle
from weasyprint.layout import percent
from weasyprint.text.line_break import Layout

from lib.reports.build.html import daily_html
from lib.reports.daily.context import daily_context
from lib.reports.render import (
    weasyprint_cells,
    weasyprint_engine,
    weasyprint_shortcuts,
    written_objects,
)
from tests.factories.reports import RUN, facts

pytestmark = pytest.mark.integration

HEAD = '<!DOCTYPE html>\n<html lang="en"><head><title>Any</title><style>{}</style></head>'
PAGES = {
    "a daily report with lists": daily_html(
        daily_context(facts(orders=9, leads=9), RUN, ZoneInfo("Asia/Kolkata"))
    ),
    "words spread out, drop caps, first lines": HEAD.format(
        "p { text-align: justify; width: 50mm } p::first-letter { font-size: 30pt }"
        "p::first-line { font-weight: 600; font-size: 14pt }"
    )
    + f"<body><p>{'Spread out over several lines, पढ़ें ₹ 12. ' * 20}</p></body></html>",
    "lengths in per cent and by calc": HEAD.format(
        "div { width: 40%; margin: 2% auto; padding: calc(1% + 2px); min-height: 3em }"
    )
    + "<body><div><div>Inner<br/>text</div></div></body></html>",
    "cells alike and not quite, over the end of a page": HEAD.format(
        "@page { size: 120mm 60mm; margin: 5mm } table { width: 100%; table-layout: fixed }"
        "td { white-space: nowrap; padding: 1px 2px; vertical-align: middle }"
        ".wrap { white-space: normal } .right { text-align: right } .mid { text-align: center }"
        "tr:nth-child(3n) td { color: #a00 } td + td { font-weight: 600 } a { color: green }"
        "td:first-child:last-child { outline: 1px solid red } td[lang] { height: 8mm }"
        ".odd { background: #eee } .round { border: 1px solid; border-radius: 3px }"
        ".said { font-size: 6pt } .far { position: relative; left: 3px }"
    )
    + "<body><table><tbody>"
    + "".join(
        f"<tr class='{('even', 'odd')[n % 2]}'><td>T{n}</td><td class='right'>{n * 317},00</td>"
        f"<td class='mid'><a href='tel:{n}'>{n}555</a></td><td>{'किराया' if n % 5 else ' '}</td>"
        f"<td class='wrap'>{'long words ' * (n % 4)}</td><td class='far'>{n}</td>"
        f"<td>Y<input type='checkbox' name='y{n}' title='y{n}'/> N</td>"
        f"<td class='round'>same<div class='said'>{n % 3}</div></td></tr>"
        for n in range(1, 24)
    )
    + "<tr><td colspan='8' lang='hi'>all of the columns</td></tr></tbody></table></body></html>",
    "lines that the text ends": HEAD.format("p { white-space: pre-line } pre { width: 30mm }")
    + "<body><p>"
    + "A short line\n" * 9
    + "and one that is so long that it is broken, " * 9
    + "\n\nx</p>"
    "<pre>kept\n\tas it\nis</pre><p>a<br/>b</p></body></html>",
    "selectors that tell twins apart": HEAD.format(
        "li:nth-of-type(2) { color: red } p:empty { height: 3mm; background: #ddd }"
        "a[href^='tel'] { font-weight: 600 } p:has(b) { outline: 1px solid } [dir=rtl] q { top: 0 }"
        "div:not([title]) > i { color: blue } div ~ div i { letter-spacing: 1px }"
        ":lang(hi) i { font-size: 14pt } i::after { content: '!' } p:first-line { color: #060 }"
    )
    + "<body><ul><li>a</li><li>a</li><li>a</li></ul><p></p><p>x</p><p><b>x</b></p>"
    "<a href='tel:1'>n</a> <a href='http://example.invalid'>n</a> <a>n</a>"
    "<div title='t'><i>n</i></div><div><i>n</i></div><div lang='hi'><i>n</i></div>"
    "<ol start='4'><li value='7'>a</li><li>a</li></ol><p id='x'>y</p><p id='y'>y</p></body></html>",
    "broken words and hyphens": HEAD.format("p { width: 20mm; hyphens: auto }")
    + "<body><p>Extraordinarily incomprehensible characterisations</p></body></html>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_has_the_same_bytes_with_and_without_the_shortcuts(page, monkeypatch):
    short = weasyprint_engine.render(page)
    monkeypatch.setattr(weasyprint_shortcuts, "taken", nullcontext)
    assert weasyprint_engine.render(page) == short


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_objects_made_once_are_those_that_weasyprint_makes(page, monkeypatch):
    monkeypatch.setattr(written_objects, "EFFORT", 9)
    once = weasyprint_engine.render(page)
    monkeypatch.setattr(written_objects, "write_once", lambda _pdf: None)
    assert weasyprint_engine.render(page) == once


def test_twins_share_their_styles_and_cells_their_layout(monkeypatch):
    computed, laid_out = [], []
    own_style, own_layout = ComputedStyle.__init__, weasyprint_cells.own_layout
    monkeypatch.setattr(
        ComputedStyle,
        "__init__",
        lambda *arguments: (computed.append(1), own_style(*arguments))[1],
    )
    monkeypatch.setattr(
        weasyprint_cells,
        "own_layout",
        lambda context, box, *rest, **options: (
            laid_out.append(box.element_tag),
            own_layout(context, box, *rest, **options),
        )[1],
    )
    row = "<tr><td>{0}</td><td><a href='tel:{0}'>{0}</a></td><td>Y<input name='n{0}'/></td></tr>"
    long_page = "@page { size: 150mm 2000mm } table { table-layout: fixed; width: 99% }"
    page = HEAD.format(long_page) + "<body><table>ROWS</table></body></html>"
    counts = []
    for rows in (2, 40):
        computed.clear()
        laid_out.clear()
        weasyprint_engine.render(page.replace("ROWS", "".join(row.format(n) for n in range(rows))))
        counts.append((len(computed), laid_out.count("td")))
    assert counts[0] == counts[1]


def test_nothing_of_a_page_waits_for_the_garbage_collector():
    weasyprint_engine.render(PAGES["a daily report with lists"])
    gc.collect()
    gc.disable()
    try:
        weasyprint_engine.render(PAGES["a daily report with lists"])
        left = [type(each).__name__ for each in gc.get_objects()]
    finally:
        gc.enable()
    assert not {"PageBox", "TableBox", "TableCellBox", "SVG", "PDF"}.intersection(left)


def test_the_shortcuts_end_with_the_page():
    own = Layout.reactivate, percent.resolve_one_percentage
    with weasyprint_shortcuts.taken():
        assert Layout.reactivate is not own[0]
        assert percent.resolve_one_percentage is not own[1]
    assert (Layout.reactivate, percent.resolve_one_percentage) == own
