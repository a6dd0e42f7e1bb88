"""The styles of a page's elements, worked out once for all elements that are alike.

WeasyPrint 70 matches each element with every style sheet, and makes styles for six pseudo-elements
of each that no page of ours has. Of 1,700 elements of a daily report some 250 differ: the cells of
a list's column are twins. Two elements are twins if their parents are, and no selector can tell
them apart:

1. They have the same name, and the same values of all attributes that selectors or WeasyPrint ask
   for.
2. Every selector that asks for more, such as a place among siblings, has the same answer.

What a selector asks for is read from the code that cssselect2 makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from cssselect2 import ElementWrapper, Matcher  # type: ignore[import-untyped]
from weasyprint.css import StyleFor, find_stylesheets  # type: ignore[import-untyped]

#: What the code of a selector uses that is the same for twins: their own name and attributes, and
#: those of the elements around them.
OF_TWINS = frozenset(
    {
        "ancestors",
        "any",
        "ascii_lower",
        "attrib",
        "classes",
        "endswith",
        "etree_element",
        "get",
        "id",
        "in_html_document",
        "lang",
        "local_name",
        "lower",
        "namespace_url",
        "next",
        "parent",
        "split_whitespace",
        "startswith",
    }
)
#: Of these, what leads to the elements around.
AROUND = frozenset({"ancestors", "parent"})
ADDRESS = "href"
#: Attributes that WeasyPrint makes declarations of, in any element.
ALWAYS_ASKED = frozenset({"class", "style", "lang", "id"})
#: The same, in some elements.
ASKED_OF = {
    "a": frozenset({"name"}),
    "{http://www.w3.org/2000/svg}svg": frozenset({"width", "height"}),
}

Test = Callable[[ElementWrapper], bool]


class _Questions(NamedTuple):
    """What some selectors ask of an element beside its name and class."""

    attributes: set[str]
    #: Those that ask for more than twins have in common.
    tests: list[Test]


class _Asked:
    """What the selectors of one style sheet ask of elements."""

    def __init__(self, matcher: Matcher) -> None:
        self.of_all = _Questions(set(), [])
        self.by_name: dict[str, _Questions] = {}
        self.by_class: dict[str, _Questions] = {}

        for name, entries in matcher.lower_local_name_selectors.items():
            self._add(entries, self.by_name.setdefault(name, _Questions(set(), [])))

        for name, entries in matcher.class_selectors.items():
            self._add(entries, self.by_class.setdefault(name, _Questions(set(), [])))

        for entries in (
            *matcher.id_selectors.values(),
            *matcher.namespace_selectors.values(),
            matcher.lang_attr_selectors,
            matcher.other_selectors,
        ):
            self._add(entries, self.of_all)

    def _add(self, entries: list[Any], questions: _Questions) -> None:
        for test, *_ in entries:
            names, texts = _used(test.__code__)

            # The attribute may be that of an element around the one that is matched.
            if names & AROUND:
                self.of_all.attributes.update(texts)

            # A link is told by having an address: the address itself would make each its own.
            if not names <= OF_TWINS or (ADDRESS in texts and questions is self.of_all):
                questions.tests.append(test)
            else:
                questions.attributes.update(texts)


def _used(code: CodeType) -> tuple[set[str], set[str]]:
    """Return the names that the code uses, and its texts, with those of the code within it."""
    names = set(code.co_names)
    texts = set()

    for constant in code.co_consts:
        if isinstance(constant, str):
            texts.add(constant)
        elif isinstance(constant, CodeType):
            inner_names, inner_texts = _used(constant)
            names |= inner_names
            texts |= inner_texts

    return names, texts


own_style_sheets = find_stylesheets

_asked: WeakKeyDictionary[Matcher, _Asked] = WeakKeyDictionary()


def style_sheets_of(wrapper: ElementWrapper, *arguments: Any) -> Iterator[Any]:
    """Yield the style sheets that a page brings itself: ours bring none."""
    root = wrapper.etree_element
    brought = (next(root.iter(tag), None) for tag in ("style", "link"))

    if any(element is not None for element in brought):
        yield from own_style_sheets(wrapper, *arguments)


class TwinStyles(StyleFor):  # type: ignore[misc]
    """Styles by element, as WeasyPrint makes them; those of twins are one."""

    def __init__(self, html: Any, sheets: Any, *arguments: Any) -> None:
        #: By each element that has an earlier twin, the first of them.
        self._first: dict[Any, Any] = {}

        super().__init__(_Firsts(html, sheets, self), sheets, *arguments)

    def __call__(self, element: Any, pseudo_type: str | None = None) -> Any:
        return super().__call__(self._first.get(element, element), pseudo_type)

    def add_twin(self, element: Any, first: Any) -> None:
        self._first[element] = first

        # Children that are no twins inherit from it.
        self._computed_styles[element, None] = self._computed_styles[first, None]


class _Firsts:
    """A page as WeasyPrint reads it for its styles, of whose twins it sees the first."""

    def __init__(self, html: Any, sheets: Any, styles: TwinStyles) -> None:
        self.etree_element = html.etree_element
        self.base_url = html.base_url

        self._root = html.wrapper_element
        self._styles = styles
        self._matchers = [sheet.matcher for sheet, _, _ in sheets]
        self._questions: dict[tuple[str, str], tuple[set[str], list[Test]]] = {}

    @property
    def wrapper_element(self) -> _Firsts:
        return self

    def iter_subtree(self) -> Iterator[ElementWrapper]:
        """Yield the elements that are not twins of an earlier one, in the order of the page."""
        keys: dict[Any, int] = {None: 0}
        firsts: dict[Any, Any] = {}

        for element in self._root.iter_subtree():
            node = element.etree_element
            parent = element.parent.etree_element if element.parent else None

            key = self._key(element, keys[parent])
            first = firsts.setdefault(key, node)
            keys[node] = id(first)

            if first is node:
                yield element
            else:
                self._styles.add_twin(node, first)

    def _key(self, element: ElementWrapper, parent: int) -> tuple[Any, ...]:
        """Return what twins have in common."""
        node = element.etree_element
        attributes, tests = self._asked_of(node.tag, node.get("class", ""), element)

        values = tuple([item for item in node.attrib.items() if item[0] in attributes])
        answers = tuple([bool(test(element)) for test in tests])

        return parent, node.tag, values, answers

    def _asked_of(
        self,
        tag: str,
        classes: str,
        element: ElementWrapper,
    ) -> tuple[set[str], list[Test]]:
        """Return the attributes and the tests that tell elements of this name and class apart."""
        known = self._questions.get((tag, classes))

        if known is None:
            attributes = set(ALWAYS_ASKED | ASKED_OF.get(tag, frozenset()))
            tests: list[Test] = []

            for questions in self._questions_to(element):
                attributes |= questions.attributes
                tests += questions.tests

            known = self._questions[tag, classes] = attributes, tests

        return known

    def _questions_to(self, element: ElementWrapper) -> Iterator[_Questions]:
        for matcher in self._matchers:
            asked = _asked.get(matcher)
            if asked is None:
                asked = _asked[matcher] = _Asked(matcher)

            yield asked.of_all

            if of_name := asked.by_name.get(element.local_name.lower()):
                yield of_name

            for name in element.classes:
                if of_class := asked.by_class.get(name):
                    yield of_class
