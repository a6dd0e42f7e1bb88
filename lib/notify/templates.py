"""Templates from the database, rendered strictly: what is undefined or broken is an error, never a blank. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lib import errors

MAX_TEXT_CHARS = 1_000_000


_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What neither PostgreSQL nor a mail can carry, or a terminal should not be sent."""


class TemplateProblem(ValueError):
    """A template cannot be rendered; the message says where and why."""


def render(source: str, context: Mapping[str, Any], what: str) -> str:
    """Return `source` filled from `context`; `what` (subject, body) names it in a TemplateProblem.

    The sandbox gives no access to Python's inside, and the result has at most `MAX_TEXT_CHARS` characters; unprintable
    ones become U+FFFD.
    """
    try:
        return _bounded(_environment().from_string(source).generate(dict(context)))
    except TemplateProblem as problem:
        raise TemplateProblem(f"the {what} template {problem}") from None
    except TemplateError as error:
        raise TemplateProblem(f"the {what} template cannot be rendered: {error.message}") from error
    except errors.JobError:
        raise
    except Exception as error:
        # Templates are programs of other people: whatever they do wrong is theirs alone.
        raise TemplateProblem(f"the {what} template cannot be rendered: {errors.describe(error)}") from error


def _bounded(pieces: Any) -> str:
    text: list[str] = []
    room = MAX_TEXT_CHARS
    for piece in pieces:
        text.append(piece)
        room -= len(piece)
        if room < 0:
            raise TemplateProblem(f"makes more than {MAX_TEXT_CHARS} characters")
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", "".join(text))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
