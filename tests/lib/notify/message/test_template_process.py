"""Templates that mean harm, or do it: what they can reach, and how long and how wide they get."""

from __future__ import annotations

import multiprocessing

import pytest
from sqlalchemy import select

from lib.db.tables import email_templates
from lib.notify.message import template_process
from lib.notify.message.template_process import _Renderer, render
from lib.notify.message.templates import MAX_TEXT_CHARS, TemplateProblem, is_plain

pytestmark = pytest.mark.integration

CONTEXT = {"a": "text", "stores": ["A668", "A817"], "metrics": {"rows": 3}}
TOO_MUCH = "the body template takes too much time or memory to render"
LOOP = "{%% for i in range(99999) %%}%s{%% endfor %%}"

ENDLESS = {
    "loops": LOOP % (LOOP % (LOOP % "")),
    "a power": "{{ 10 ** (10 ** 9) }}",
    "numbers that grow": "{% set n = namespace(x=9 ** 4000) %}"
    + LOOP % "{% set n.x = n.x * n.x %}",
    "macros that call themselves": "{% macro m(n) %}{{ m(n - 1) if n }}{{ m(n - 1) if n }}{% endmacro %}{{ m(60) }}",
}
HUGE = {
    "repetition": "{{ 'x' * 10 ** 10 }}",
    "a wide field": "{{ '%9999999999d' % 1 }}",
    "format": "{{ '{:>9999999999}'.format(1) }}",
    "center": "{{ a | center(10 ** 10) }}",
    "indent": "{{ 'a\nb' | indent(10 ** 10) }}",
    "replace": "{{ ('x' * 10 ** 6) | replace('', 'x' * 10 ** 6) | length }}",
    "text that doubles": "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
    "lists that double": "{% set n = namespace(x=[]) %}{% for i in range(60) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
}
ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ a.__init__.__globals__ }}",
    "{{ a | attr('__class__') }}",
    "{{ '{0.__class__.__mro__}'.format(a) }}",
    "{{ '{x.__init__.__globals__}'.format_map({'x': a}) }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ range.mro() }}",
    "{{ (stores | map(attribute='__class__') | list)[0].mro() }}",
    "{{ lipsum.__globals__['os'].environ }}",
    "{% set x = stores.append('A900') %}",
    "{% set x = metrics.clear() %}",
    "{% import 'os' as os %}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
]


@pytest.fixture
def impatient(monkeypatch):
    """A renderer of the test's own that ends a rendering after a tenth of the time."""
    renderer = _Renderer()
    monkeypatch.setattr(template_process, "CPU_S", template_process.CPU_S / 10)
    monkeypatch.setattr(template_process, "_renderer", lambda: renderer)
    yield renderer
    renderer.end()


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.usefixtures("impatient")
def test_what_would_never_end_is_ended(source):
    with pytest.raises(TemplateProblem, match=TOO_MUCH):
        render(source, CONTEXT, "body")


@pytest.mark.parametrize("source", HUGE.values(), ids=HUGE)
def test_what_would_fill_the_memory_is_a_problem_of_the_template(source):
    with pytest.raises(
        TemplateProblem,
        match=f"MemoryError|OverflowError|Too many digits|{TOO_MUCH}|makes more than",
    ):
        render(source, CONTEXT, "body")


@pytest.mark.parametrize("source", ESCAPES)
def test_nothing_of_python_can_be_reached(source):
    with pytest.raises(TemplateProblem, match="cannot be rendered") as refused:
        render(source, CONTEXT, "body")

    assert "root:" not in str(refused.value)
    assert CONTEXT == {"a": "text", "stores": ["A668", "A817"], "metrics": {"rows": 3}}


def test_after_one_that_was_ended_the_next_is_rendered():
    with pytest.raises(TemplateProblem):
        render("{{ 'x' * 10 ** 10 }}", CONTEXT, "body")
    assert render("{{ metrics.rows * 2 }}", CONTEXT, "body") == "6"


def test_the_whole_time_is_two_seconds_and_ends_a_rendering_too():
    assert template_process.CPU_S == 2
    with pytest.raises(TemplateProblem, match=TOO_MUCH):
        render("{{ 9 ** (10 ** 9) }}", CONTEXT, "body")


def test_a_template_that_had_to_be_ended_is_not_tried_for_every_store(impatient, monkeypatch):
    renderer = impatient
    hopeless = ("{{ 10 ** (10 ** 9) }}", {}, "subject")

    assert renderer.answer(hopeless) == ("", TOO_MUCH.replace("body", "subject"))
    monkeypatch.setattr(renderer, "_started", lambda: pytest.fail("it is tried again"))
    assert renderer.answer(hopeless) == ("", TOO_MUCH.replace("body", "subject"))


def test_a_long_text_is_refused_wherever_it_is_made():
    with pytest.raises(TemplateProblem, match=f"makes more than {MAX_TEXT_CHARS} characters"):
        render(LOOP % ("x" * 99), CONTEXT, "body")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ a }} {{ metrics.rows }} {{ stores[0] | upper }}", True),
        ("{% for s in stores %}{{ loop.index }} {{ s | default('-') }}{% endfor %}", True),
        (
            "{% if a is defined and a == 'x' %}{{ stores | join(', ') }}{% else %}{{ a ~ '!' }}{% endif %}",
            True,
        ),
        ("{{ a", True),
        ("{% for s in stores %}{% for t in stores %}{% endfor %}{% endfor %}", False),
        ("{% for s in stores recursive %}{% endfor %}", False),
        (
            "{% if a %}{% for s in stores %}{% if s %}{% for t in s %}{% endfor %}{% endif %}{% endfor %}{% endif %}",
            False,
        ),
        ("{% for s in range(3) %}{% endfor %}", False),
        ("{{ a | join(stores) | join(stores) }}", False),
        ("{{ a | join | upper | join }}", False),
        (f"{{{{ a | join('{'x' * 101}') }}}}", False),
        ("{{ a | replace('t', 'tt') }}", False),
        ("{{ a * 2 }}", False),
        ("{{ a.upper() }}", False),
        ("{% set b = a %}", False),
        ("x" * 50_001, False),
    ],
)
def test_plain_is_what_cannot_take_long(source, expected):
    assert is_plain(source) is expected


def test_the_templates_that_come_with_the_database_are_plain(engine):
    with engine.connect() as connection:
        rows = connection.execute(
            select(email_templates.c.subject_template, email_templates.c.body_template)
        ).all()

    assert rows
    assert all(is_plain(source) for row in rows for source in row)


def test_what_its_process_says_when_it_breaks_is_not_heard(capfd):
    line, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=template_process._serve, args=(theirs, template_process.CPU_S)
    )
    process.start()
    line.send("no request, and unpacking it would end with a traceback")
    process.join(60)

    assert (process.exitcode, capfd.readouterr()) == (1, ("", ""))
