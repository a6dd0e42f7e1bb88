"""Which headers the portal changed since last time, and which metrics most pages lack. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lib.model import METRICS, Dashboard, Download, Finding, Status
from lib.portal.dashboard.columns import section_of
from lib.portal.redaction import redact

#: With fewer pages, "most pages" means nothing.
MIN_PAGES = 3
_NAMED_STORES = 5

#: Of one section or export; a real one has fifteen. A torn header line may go on for pages.
MAX_HEADERS = 60


@dataclass(frozen=True, order=True)
class Headers:
    """The column headers of one section or export, as one store's page or file showed them."""

    store_code: str
    #: The section's heading, or the bucket.
    source: str
    texts: tuple[str, ...]


#: By store code and source: the headers of last time.
Known = Mapping[tuple[str, str], tuple[str, ...]]


def headers_of_dashboards(pages: Iterable[Dashboard]) -> list[Headers]:
    """Return the headers of every section that was there."""
    found = []

    for page in pages:
        for section, texts in page.headers.items():
            found.append(Headers(page.store_code, section, _safe(texts)))

    return found


def headers_of_downloads(files: Iterable[Download]) -> list[Headers]:
    """Return the headers of every export that had some: one without rows may have none."""
    found = []

    for file in files:
        if file.columns:
            found.append(Headers(file.store_code, file.bucket, _safe(file.columns)))

    return found


def _safe(texts: Sequence[str]) -> tuple[str, ...]:
    """Return headers as they may be stored: nothing in them that may be a customer's."""
    return tuple(map(redact.safe_header, texts[:MAX_HEADERS]))


def changes(known: Known, seen: Iterable[Headers]) -> list[Finding]:
    """Return a warning for each difference, one for all stores that share it.

    Headers that are seen for the first time are no change.
    """
    stores = defaultdict(list)

    for headers in sorted(seen):
        before = known.get((headers.store_code, headers.source))

        if before and before != headers.texts:
            what = difference(before, headers.texts)
            stores[headers.source, what].append(headers.store_code)

    findings = []

    for (source, what), codes in stores.items():
        text = f"the portal changed the headers of {source} for {_named(codes)}: {what}"
        findings.append(Finding(Status.WARNING, text))

    return findings


def difference(before: Sequence[str], after: Sequence[str]) -> str:
    """Return in words what became of the headers `before`."""
    gone = [place for place, text in enumerate(before) if text not in after]
    new = [place for place, text in enumerate(after) if text not in before]

    if not gone and not new:
        return "the same columns in another order or number"

    parts = []

    if gone == new:
        # Other names in the same places.
        for place in gone:
            old_name, new_name = redact.header(before[place]), redact.header(after[place])
            parts.append(f"{old_name} is now called {new_name}")
    else:
        parts += [f"{redact.header(before[place])} is gone" for place in gone]
        parts += [f"{redact.header(after[place])} is new" for place in new]

    return "; ".join(parts)


def mostly_empty(pages: Sequence[Dashboard]) -> list[Finding]:
    """Return an error for each section with metrics that most pages show no value for."""
    if len(pages) < MIN_PAGES:
        return []

    by_section = defaultdict(list)

    for metric in METRICS:
        empty = sum(page.metrics.get(metric.name) is None for page in pages)

        if 2 * empty > len(pages):
            share = f"{metric.name} ({empty} of {len(pages)} stores)"
            by_section[section_of(metric.name)].append(share)

    findings = []

    for section, metrics in by_section.items():
        text = (
            f"{section} shows no value for {', '.join(metrics)}: look at the page in a browser;"
            " if a header changed, lib/portal/dashboard/columns.py must follow,"
            " and a run on the same day reads the figures"
        )
        findings.append(Finding(Status.ERROR, text))

    return findings


def _named(codes: Sequence[str]) -> str:
    named = ", ".join(codes[:_NAMED_STORES])

    if len(codes) <= _NAMED_STORES:
        return named

    return f"{len(codes)} stores ({named}, …)"
