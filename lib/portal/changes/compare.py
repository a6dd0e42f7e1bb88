"""What the portal changed since last time, in words, before it hurts. Pure (lessons 23, 29)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.model import METRICS, Dashboard, Download, Finding, Status
from lib.portal.dashboard.columns import section_of
from lib.portal.redaction.redact import header

#: Of fewer pages nobody can say what most of them show.
FEWEST_PAGES = 3
_NAMED_STORES = 5


@dataclass(frozen=True, order=True)
class Headers:
    """The column headers of one section or export, as one store's page or file showed them."""

    store_code: str
    #: The section's heading, or the bucket.
    source: str
    texts: tuple[str, ...]


#: By store code and source: the texts of last time.
Known = Mapping[tuple[str, str], tuple[str, ...]]


def of_dashboards(pages: Iterable[Dashboard]) -> list[Headers]:
    """Return the headers of every section that was there."""
    return [
        Headers(page.store_code, section, texts)
        for page in pages
        for section, texts in page.headers.items()
    ]


def of_downloads(files: Iterable[Download]) -> list[Headers]:
    """Return the headers of every export that had some: one without rows may have none."""
    return [Headers(file.store_code, file.bucket, file.columns) for file in files if file.columns]


def changes(known: Known, seen: Iterable[Headers]) -> list[Finding]:
    """Say what differs from last time, once for all stores of which the same is true; a first sight is no change."""
    stores = defaultdict(list)

    for headers in sorted(seen):
        before = known.get((headers.store_code, headers.source))
        if before and before != headers.texts:
            stores[headers.source, difference(before, headers.texts)].append(headers.store_code)

    return [
        Finding(
            Status.WARNING,
            f"the portal changed the headers of {source} for {_named(codes)}: {what}",
        )
        for (source, what), codes in stores.items()
    ]


def difference(before: Sequence[str], after: Sequence[str]) -> str:
    """Say in words what became of the headers `before`."""
    gone = [place for place, text in enumerate(before) if text not in after]

    new = [place for place, text in enumerate(after) if text not in before]
    if not gone and not new:
        return "the same columns in another order or number"

    if gone == new:
        return "; ".join(
            f"{header(before[place])} is now called {header(after[place])}" for place in gone
        )

    parts = [f"{header(before[place])} is gone" for place in gone]
    return "; ".join([*parts, *(f"{header(after[place])} is new" for place in new)])


def blanks(pages: Sequence[Dashboard]) -> list[Finding]:
    """Name the metrics that most pages lack: an error of its own, one finding a section.

    Source: lesson 29.
    """
    if len(pages) < FEWEST_PAGES:
        return []

    by_section = defaultdict(list)

    for metric in METRICS:
        empty = sum(page.metrics.get(metric.name) is None for page in pages)
        if 2 * empty > len(pages):
            by_section[section_of(metric.name)].append(
                f"{metric.name} ({empty} of {len(pages)} stores)"
            )

    return [
        Finding(
            Status.ERROR,
            f"{section} shows no value for {', '.join(metrics)}: look at the page in a browser;"
            " if a header changed, lib/portal/dashboard/columns.py must follow, and a run on the same day reads the figures",
        )
        for section, metrics in by_section.items()
    ]


def _named(codes: Sequence[str]) -> str:
    named = ", ".join(codes[:_NAMED_STORES])
    return named if len(codes) <= _NAMED_STORES else f"{len(codes)} stores ({named}, …)"
