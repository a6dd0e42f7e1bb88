"""A mail as an HTML page whose styles are in the elements, where mail readers look.

The rules for a dark screen stay in the head: a reader that does not know them shows the page light.

Pure.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import css_inline
from jinja2 import Environment, StrictUndefined, Template

from lib.notify.model.mail import PlannedMail


def page(mail: PlannedMail) -> str:
    """Return the HTML document of a mail.

    The lines of its report are set large, with a bar; what its text has before and after them is
    there letter for letter. A mail without them has its subject, its text letter for letter, and
    the names of what is attached.
    """
    body = mail.body.strip()
    before, after = body, ""
    groups = []

    if mail.panel:
        before, _, after = body.partition(mail.panel.text)

        for kind, blocks in groupby(mail.panel.blocks, key=attrgetter("kind")):
            groups.append((str(kind), list(blocks)))

    html = template(Path(__file__).with_name("mail.html")).render(
        subject=mail.subject,
        panel=mail.panel,
        groups=groups,
        before=before.strip(),
        after=after.strip(),
        attachments=[document.attached_as for document in mail.attachments],
    )

    return _inliner().inline(html)


@cache
def template(file: Path) -> Template:
    """Return a page of ours to be filled in, whatever is put into it escaped."""
    source = file.read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
