"""Renders templates from the database strictly: undefined or broken is an error, never a blank.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lib import errors

MAX_TEXT_CHARS = 1_000_000
MAX_PLAIN_CHARS = 50_000
#: What neither PostgreSQL nor a mail can carry, or a terminal should not be sent.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class TemplateProblem(ValueError):
    """A template cannot be rendered; the message says where and why."""


def render(
    source: str,
    context: Mapping[str, Any],
    what: str,
) -> str:
    """Return `source` filled from `context`.

    The sandbox gives no access to Python's inside, and the result has at most `MAX_TEXT_CHARS`
    characters; unprintable ones become U+FFFD. Raise TemplateProblem if it cannot be rendered;
    `what` (subject, body) names it there.
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
        # Templates are programs of other people: an error in one must not end the run.
        raise TemplateProblem(
            f"the {what} template cannot be rendered: {errors.describe(error)}"
        ) from error


def _bounded(pieces: Any) -> str:
    text: list[str] = []
    room = MAX_TEXT_CHARS

    for piece in pieces:
        text.append(piece)

        room -= len(piece)
        if room < 0:
            raise TemplateProblem(f"makes more than {MAX_TEXT_CHARS} characters")

    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", "".join(text))


def is_plain(source: str) -> bool:
    """Return True if rendering takes no more time and room than context and text suggest.

    Plain are values, cheap filters, conditions, and loops that are not inside each other.
    Arithmetic, calls, assignments and macros are not: a line of those can mean hours. What cannot
    be parsed is plain: it fails at once.
    """
    try:
        tree = _environment().parse(source)
    except TemplateError:
        return True

    return len(source) <= MAX_PLAIN_CHARS and all(map(_is_cheap, tree.find_all(nodes.Node)))


def _is_cheap(node: nodes.Node) -> bool:
    match node:
        case nodes.For():
            return not node.recursive and next(node.find_all(nodes.For), None) is None
        case nodes.Filter():
            # Only join makes more of what it gets, so it comes last and once.
            grows = node.name == "join"
            is_once = node.node is None or next(_filters(node.node), None) is None

            return node.name in _CHEAP_FILTERS and (is_once or not grows)
        case nodes.Const():
            return not isinstance(node.value, str) or len(node.value) <= _LONGEST_CONST

    return isinstance(node, _CHEAP)


def _filters(node: nodes.Node) -> Iterator[nodes.Node]:
    yield from node.find_all(nodes.Filter)
    if isinstance(node, nodes.Filter):
        yield node


#: What a template may hold besides loops, filters and texts without costing more than it shows.
_CHEAP = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Test,
    nodes.Concat,
)
_CHEAP_FILTERS = frozenset(
    "capitalize count d default e escape first int join last length lower title trim upper".split()
)
_LONGEST_CONST = 100


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
