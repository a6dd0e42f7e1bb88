"""A mail's text as an HTML page whose styles are in the elements, where mail readers look.

Pure.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, StrictUndefined, Template

from lib.notify.model.mail import PlannedMail


def page(mail: PlannedMail) -> str:
    """Return the HTML document of a mail.

    It has the mail's subject, its text letter for letter, and the names of what is attached.
    """
    names = [document.attached_as for document in mail.attachments]
    html = _template().render(
        subject=mail.subject,
        body=mail.body.strip(),
        attachments=names,
    )

    return _inliner().inline(html)


@cache
def _template() -> Template:
    source = Path(__file__).with_name("mail.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False)
