from __future__ import annotations

import pytest

from lib.errors import Interrupted
from lib.notify.message.templates import MAX_TEXT_CHARS, TemplateProblem, render


def test_a_template_is_filled_from_its_context_without_escaping():
    assert render("{{ a }} & {{ b.c }}", {"a": "<1>", "b": {"c": 2}}, "body") == "<1> & 2"


def test_values_are_never_read_as_templates():
    assert render("{{ a }}", {"a": "{{ b }}"}, "body") == "{{ b }}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ missing }}", "the body template cannot be rendered: 'missing' is undefined"),
        (
            "{{ a.missing }}",
            "the body template cannot be rendered: 'dict object' has no attribute 'missing'",
        ),
        ("{{ a.x.y }}", "the body template cannot be rendered: 'dict object' has no attribute 'x'"),
        (
            "{% if missing %}{% endif %}",
            "the body template cannot be rendered: 'missing' is undefined",
        ),
        (
            "{{ a",
            "the body template cannot be rendered: unexpected end of template, expected 'end of print statement'.",
        ),
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ a.update({}) }}", "access to attribute 'update' of 'dict' object is unsafe"),
        ("{% include 'x' %}", "the body template cannot be rendered: TypeError"),
        ("{{ 1 // 0 }}", "the body template cannot be rendered: ZeroDivisionError"),
        ("{{ range(10 ** 9) }}", "the body template cannot be rendered: OverflowError"),
        (
            "{% for _ in range(9000) %}{{ 'x' * 999 }}{% endfor %}",
            f"makes more than {MAX_TEXT_CHARS} characters",
        ),
    ],
)
def test_what_cannot_be_rendered_is_a_problem_in_words(source, reason):
    with pytest.raises(TemplateProblem) as caught:
        render(source, {"a": {}}, "body")
    assert reason in str(caught.value)


def test_being_stopped_is_not_a_problem_of_the_template():
    def stop():
        raise Interrupted("stopped")

    with pytest.raises(Interrupted):
        render("{{ stop() }}", {"stop": stop}, "body")
