"""The page of a mail: its lines are large, its own text is there letter for letter."""

from __future__ import annotations

import re
from dataclasses import replace

from lib.notify.message import html
from tests.factories.notify import document, mail
from tests.lib.notify.plan.test_owner_mail import mail_of

PANEL = mail_of().panel


def words_of(page: str) -> str:
    body = page.partition("<body")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&nbsp;", " ")


def page_of(body, panel=PANEL, **changes):
    return html.page(mail(body=body, panel=panel, subject="A subject", **changes))


def test_the_page_has_every_line_of_the_text_in_its_order():
    page = words_of(page_of(PANEL.text))
    place = 0
    for block in PANEL.blocks:
        for part in filter(None, (block.text, block.right)):
            assert part in page[place:], part
            place = page.index(part, place) + len(part)


def test_what_an_operators_template_says_around_the_lines_is_there_once():
    page = page_of(f"Namaste <b>\n& all\n\n{PANEL.text}\n\nThe team")
    words = words_of(page)

    assert words.index("Namaste &lt;b&gt; &amp; all") < words.index("Riverside Colony")
    assert words.count("₹8,924") == 1
    assert words.index("The team") > words.index(PANEL.blocks[-1].text)


def test_the_preview_is_hidden_and_comes_first():
    page = page_of(PANEL.text)
    body = page.partition("<body")[2]

    assert body.index(PANEL.preview) < body.index("<main")
    assert re.search(r'<div class="preview" style="display: none[^"]*">', body)
    assert 'class="preview"' not in page_of(PANEL.text, replace(PANEL, preview=""))


def test_light_and_dark_are_both_meant():
    page = page_of(PANEL.text)

    assert '<meta name="color-scheme" content="light dark">' in page
    assert "prefers-color-scheme: dark" in page


def test_a_page_loads_nothing_and_names_files_only_where_no_line_does():
    attached = (document("A668", shown_name="Riverside Colony.pdf"),)
    page = page_of(PANEL.text, attachments=attached)

    assert "http" not in page
    assert "Riverside Colony.pdf" not in page
    assert ">Riverside Colony.pdf</li>" in page_of("Own words", None, attachments=attached)
