"""One dashboard page as typed values.

Pure: raises nothing but PageRefused, never invents a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lib.model import METRICS, Dashboard, Finding, Status
from lib.portal.dashboard import cells, columns, title
from lib.portal.dashboard.page import DashboardPage, Section
from lib.portal.redaction import redact
from lib.portal.site import facts, html_limits
from lib.portal.site.errors import AnotherDay, AnotherStore, LoggedOutPage, UntitledPage

Value = Decimal | int | None
Remark = tuple[Status, str]

_KINDS = {metric.name: metric.kind for metric in METRICS}
_CODE = re.compile(r"[A-Z]{1,2}[0-9]{1,5}")
_MAX_CODES = 6
_MAX_HEADER_CHARS = 80

#: Cells of a row that is a label and its value.
_LABELLED = 2


def parse(
    body: bytes,
    *,
    store_code: str,
    expected_on: date,
    known_name: str | None,
) -> Dashboard:
    """Return the page of `store_code` about the day `expected_on` as typed values.

    `known_name` is what the store was called so far. Raise PageRefused (LoggedOutPage,
    UntitledPage, UndatedPage, AnotherDay, AnotherStore) for any other page.
    """
    page = _readable_page(body)
    lines = page.title_lines()

    if lines is None:
        raise UntitledPage("the page has no dashboard title, so nothing proves what it is")

    heading = title.read(lines)
    _require_day(heading, expected_on)
    _require_store(heading, page.linked_codes(), store_code, known_name)

    figures = _Figures()
    for section in page.sections():
        figures.read(section)

    launched_on, remarks = _launched_on(page.launch_text())
    findings = []

    for severity, text in (*remarks, *figures.remarks, *figures.gaps()):
        findings.append(Finding(severity, text, store_code))

    return Dashboard(
        store_code,
        heading.name,
        heading.day,
        launched_on,
        figures.complete(),
        tuple(findings),
        figures.headers,
    )


def _readable_page(body: bytes) -> DashboardPage:
    if facts.LOGGED_OUT.search(body):
        raise LoggedOutPage("the portal shows its log-in-first page")

    if not html_limits.is_readable(body):
        raise UntitledPage(
            "the page is larger or more tangled than any dashboard, so nothing proves what it is"
        )

    return DashboardPage(body.decode("utf-8", errors="replace"))


def _require_day(heading: title.Title, expected_on: date) -> None:
    if heading.day != expected_on:
        raise AnotherDay(
            f"the page is about {heading.day}, not {expected_on}; the portal shows only yesterday"
        )


def _require_store(
    heading: title.Title,
    linked: set[str],
    store_code: str,
    known_name: str | None,
) -> None:
    wanted = store_code.upper()

    if heading.code not in {None, wanted}:
        raise AnotherStore(f"the title shows the code {_codes([heading.code or ''])}")

    if linked and wanted not in linked:
        raise AnotherStore(f"its downloads are those of {_codes(linked)}")

    if known_name and not title.same_name(heading.name, known_name):
        raise AnotherStore(
            f"its name is not {known_name!r}, as which the store is known;"
            " if it was renamed, correct store_master.store_name"
        )


def _codes(found: Iterable[str]) -> str:
    """Return what can be store codes: anything else in their place may be a customer's number."""
    shown = []

    for code in sorted(found)[:_MAX_CODES]:
        shown.append(code if _CODE.fullmatch(code) else "…")

    return ", ".join(shown)


def _launched_on(text: str | None) -> tuple[date | None, list[Remark]]:
    if text is None or text.casefold() in cells.NULLS:
        return None, []

    launched_on = title.launch_date(text)
    if launched_on:
        return launched_on, []

    return None, [(Status.WARNING, "the launch date is not a date like 31-12-2024")]


@dataclass
class _Figures:
    """What the sections yielded so far.

    A metric that stands on the page twice has no value, because one of the two is wrong.
    """

    values: dict[str, Value] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    #: By section that was seen, in the order of the page.
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, section: Section) -> None:
        metric_of = columns.SECTIONS.get(section.heading)
        if metric_of is None or section.heading in self.headers or not section.rows:
            return

        known = {}
        for row in section.rows:
            for cell in row:
                known[cell] = metric_of(cell)

        pairs = self._pairs(section, known)
        self.headers[section.heading] = tuple(header[:_MAX_HEADER_CHARS] for header, _ in pairs)

        for header, text in pairs:
            if metric := metric_of(header):
                self._read_cell(metric, text)
            elif header:
                self._warn(f"unexpected column {redact.header(header)} in {section.heading}")

    def _pairs(
        self,
        section: Section,
        known: Mapping[str, str | None],
    ) -> list[tuple[str, str]]:
        """Return header and cell, whichever way the table is laid out.

        Either a header row above one row of values, or rows of label and value: the one with more
        known headers.
        """
        head, *rest = section.rows
        labelled = []

        for row in section.rows:
            if len(row) == _LABELLED:
                labelled.append((row[0], row[1]))

        if _recognised((label for label, _ in labelled), known) > _recognised(
            head,
            known,
        ):
            return labelled

        values = rest[0] if rest else ()

        if len(values) != len(head):
            self._warn(f"{section.heading} has {len(head)} columns but {len(values)} values")
            return []

        if len(rest) > 1:
            self._warn(f"{section.heading} has {len(rest)} rows of values; the first was read")

        return list(zip(head, values, strict=True))

    def _read_cell(self, metric: str, text: str) -> None:
        cell = cells.read(text, _KINDS[metric])

        if metric in self.values:
            self._warn(f"{metric} stands on the page twice; neither was read")
            self.values[metric] = None
            return

        if cell.problem:
            self._warn(f"{metric} was not read: {cell.problem}")
        elif cell.value is None:
            self.remarks.append((Status.OK, f"{metric} shows no value"))

        self.values[metric] = cell.value

    def _warn(self, text: str) -> None:
        self.remarks.append((Status.WARNING, text))

    def complete(self) -> dict[str, Value]:
        """Return every metric; None where the page shows no value."""
        found = {}

        for name in _KINDS:
            found[name] = self.values.get(name)

        return found

    def gaps(self) -> Iterator[Remark]:
        """Yield a warning for each section without a table, and for each missing column."""
        for heading in columns.SECTIONS:
            metrics = []

            for name in _KINDS:
                if columns.section_of(name) == heading:
                    metrics.append(name)

            missing = []

            for name in metrics:
                if name not in self.values:
                    missing.append(name)

            if heading not in self.headers:
                text = f"the section {heading} is missing with its {len(metrics)} metrics"
                yield Status.WARNING, text
            elif missing:
                yield Status.WARNING, f"{heading} has no column for {', '.join(missing)}"


def _recognised(
    texts: Iterable[str],
    known: Mapping[str, str | None],
) -> int:
    return sum(known.get(text) is not None for text in texts)
