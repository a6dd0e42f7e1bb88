"""One dashboard page as typed values.

Pure: never raises but PageRefused, never invents a number
(docs/reference/domain.md#dashboard-page).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lib.model import METRICS, Dashboard, Finding, Status
from lib.portal.dashboard import cells, columns, title
from lib.portal.dashboard.page import Page, Section
from lib.portal.redaction import redact
from lib.portal.site import facts, html_limits
from lib.portal.site.errors import (
    AnotherDay,
    AnotherStore,
    LoggedOutPage,
    UntitledPage,
)

Value = Decimal | int | None
_KINDS = {metric.name: metric.kind for metric in METRICS}
_CODE = re.compile(r"[A-Z]{1,2}[0-9]{1,5}")
_NAMED_CODES = 6
_LONGEST = 80


def parse(body: bytes, *, store_code: str, expected_on: date, known_name: str | None) -> Dashboard:
    """Read the page of `store_code` about the day `expected_on`; `known_name` is what the store was called so far.

    Raises PageRefused (LoggedOutPage, UntitledPage, UndatedPage, AnotherDay, AnotherStore) for any
    other page.
    """
    if facts.LOGGED_OUT.search(body):
        raise LoggedOutPage("the portal shows its log-in-first page")

    if not html_limits.is_readable(body):
        raise UntitledPage(
            "the page is larger or more tangled than any dashboard, so nothing proves what it is"
        )

    page = Page(body.decode("utf-8", errors="replace"))
    if (lines := page.title_lines()) is None:
        raise UntitledPage("the page has no dashboard title, so nothing proves what it is")

    heading = title.read(lines)
    _refuse_another_day(heading, expected_on)
    _refuse_another_store(heading, page.linked_codes(), store_code, known_name)

    figures = _Figures()

    for section in page.sections():
        figures.read(section)

    launched_on, remarks = _launched_on(page.launch_text())
    findings = tuple(
        Finding(severity, text, store_code)
        for severity, text in [*remarks, *figures.remarks, *figures.gaps()]
    )

    return Dashboard(
        store_code,
        heading.name,
        heading.day,
        launched_on,
        figures.complete(),
        findings,
        figures.headers,
    )


def _refuse_another_day(heading: title.Title, expected_on: date) -> None:
    if heading.day != expected_on:
        raise AnotherDay(
            f"the page is about {heading.day}, not {expected_on}; the portal shows only yesterday"
        )


def _refuse_another_store(
    heading: title.Title, linked: set[str], store_code: str, known_name: str | None
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
    """Name what can be store codes: anything else in their place may be somebody's number."""
    return ", ".join(
        code if _CODE.fullmatch(code) else "…" for code in sorted(found)[:_NAMED_CODES]
    )


Remark = tuple[Status, str]


def _launched_on(text: str | None) -> tuple[date | None, list[Remark]]:
    if text is None or text.casefold() in cells.NULLS:
        return None, []

    launched_on = title.launch_date(text)
    return launched_on, [] if launched_on else [
        (Status.WARNING, "the launch date is not a date like 31-12-2024")
    ]


@dataclass
class _Figures:
    """What the sections yielded so far; a metric read twice counts for nothing, because one of the two is wrong."""

    values: dict[str, Value] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    #: By section, in the order of the page; whatever is in here was seen.
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, section: Section) -> None:
        metric_of = columns.SECTIONS.get(section.heading)
        if metric_of is None or section.heading in self.headers or not section.rows:
            return

        pairs = list(
            self._pairs(section, {cell: metric_of(cell) for row in section.rows for cell in row})
        )
        self.headers[section.heading] = tuple(header[:_LONGEST] for header, _ in pairs)

        for header, text in pairs:
            if metric := metric_of(header):
                self._read(metric, text)
            elif header:
                self._warn(f"unexpected column {redact.header(header)} in {section.heading}")

    def _pairs(
        self, section: Section, known: Mapping[str, str | None]
    ) -> Iterator[tuple[str, str]]:
        """Yield header and cell: from a header row above one row of values, or from rows of label and value."""
        head, *rest = section.rows

        labels = [row[0] for row in section.rows if len(row) == 2]  # noqa: PLR2004 - a label and its value
        if _recognised(labels, known) > _recognised(head, known):
            yield from (row for row in section.rows if len(row) == 2)  # noqa: PLR2004
        elif rest and len(rest[0]) == len(head):
            if len(rest) > 1:
                self._warn(f"{section.heading} has {len(rest)} rows of values; the first was read")

            yield from zip(head, rest[0], strict=True)
        else:
            self._warn(
                f"{section.heading} has {len(head)} columns but {len(rest[0]) if rest else 0} values"
            )

    def _read(self, metric: str, text: str) -> None:
        cell = cells.read(text, _KINDS[metric])
        if metric in self.values:
            self._warn(f"{metric} stands on the page twice; neither was read")
            cell = cells.Cell(None, "")
        elif cell.problem:
            self._warn(f"{metric} was not read: {cell.problem}")
        elif cell.value is None:
            self.remarks.append((Status.OK, f"{metric} shows no value"))

        self.values[metric] = cell.value

    def _warn(self, text: str) -> None:
        self.remarks.append((Status.WARNING, text))

    def complete(self) -> dict[str, Value]:
        return {metric.name: self.values.get(metric.name) for metric in METRICS}

    def gaps(self) -> Iterator[Remark]:
        """Yield a warning for every section without a table, and for every column missing from one that has it."""
        for heading in columns.SECTIONS:
            metrics = [
                metric.name for metric in METRICS if columns.section_of(metric.name) == heading
            ]
            missing = [name for name in metrics if name not in self.values]

            if heading not in self.headers:
                yield (
                    Status.WARNING,
                    f"the section {heading} is missing with its {len(metrics)} metrics",
                )
            elif missing:
                yield Status.WARNING, f"{heading} has no column for {', '.join(missing)}"


def _recognised(texts: Iterable[str] | Sequence[str], known: Mapping[str, str | None]) -> int:
    return sum(known.get(text) is not None for text in texts)
