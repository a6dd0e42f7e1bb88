"""The figures of a page as plain values for JSON. Pure.

Instants are in UTC, money and rates are numbers, and what is not known is null with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lib.domain.pipelines import PIPELINES
from lib.reports.explain.model import RULES, Figure, Page, SentReport, StoredValue, Term
from lib.reports.explain.provenance import DocumentRow, ExportAccount, ListSource


def plain(
    page: Page,
    figures: Sequence[Figure],
    *,
    with_rows: bool,
) -> dict[str, Any]:
    """Return these figures of the page; customers' rows only `with_rows`."""
    facts = PIPELINES[page.pipeline]
    found = {
        "pipeline": page.pipeline,
        "store_code": page.store_code,
        "store_name": page.store_name,
        "period": {
            "first": page.period.first,
            "last": page.period.last,
            "label": facts.label(page.period),
        },
        "run_id": page.run.run_id,
        "documents": [_document(made) for made in page.documents],
        "mailed": [_mailed(mailed) for mailed in page.mailed],
        "figures": [_figure(figure, page) for figure in figures],
        "exports": [_list(source) for source in page.lists],
        "rules": {str(rule): text for rule, text in RULES.items()},
    }

    if with_rows:
        found["rows"] = {str(bucket): list(rows) for bucket, rows in page.rows.items()}

    return found


def _document(made: DocumentRow) -> dict[str, Any]:
    return {
        "run_id": made.run_id,
        "status": made.status,
        "file_name": made.file_name,
        "made_at": made.made_at,
        "error": made.error,
    }


def _mailed(mailed: SentReport) -> dict[str, Any]:
    mail = mailed.mail
    return {
        "sent_at": mail.sent_at,
        "readers": mail.readers,
        "is_certain": mail.is_certain,
        "has_figures": bool(mailed.said),
    }


def _figure(figure: Figure, page: Page) -> dict[str, Any]:
    return {
        "section": figure.section,
        "label": figure.label,
        "printed": list(figure.printed),
        "terms": [_term(term, page) for term in figure.terms],
        "since_mailed": _since_mailed(figure, page),
    }


def _since_mailed(figure: Figure, page: Page) -> dict[str, Any] | None:
    """Return what the newest mail said; null where none was sent."""
    if not page.mailed:
        return None

    said = page.mailed[0].said.get(figure.label)
    if said is None:
        return {"is_known": False}

    return {
        "is_known": True,
        "has_changed": said != page.says.get(figure.label),
        "said": list(said),
    }


def _term(term: Term, page: Page) -> dict[str, Any]:
    return {
        "text": term.text,
        "rule": term.rule,
        "because": list(term.because),
        "stored": [_stored(stored, page) for stored in term.stored],
        "lists": list(term.lists),
    }


def _stored(stored: StoredValue, page: Page) -> dict[str, Any]:
    reading = page.readings.get((stored.store_code, stored.on))
    found: dict[str, Any] = {
        "store_code": stored.store_code,
        "on": stored.on,
        "metric": stored.metric,
        "value": stored.value,
        "is_stored": reading is not None,
    }

    if reading is not None:
        found |= {
            "read_at": reading.read_at,
            "first_read_at": reading.first_read_at,
            "run_id": reading.run_id,
        }

    return found


def _list(source: ListSource) -> dict[str, Any]:
    return {
        "bucket": source.bucket,
        "reason": source.reason or None,
        "accounts": [_account(account) for account in source.accounts],
    }


def _account(account: ExportAccount) -> dict[str, Any]:
    return {
        "seen_on": account.seen_on,
        "run_id": account.run_id,
        "counts": account.counts,
        "file_name": account.file_name,
        "merged_name": account.merged_name,
        "rejects": account.rejects,
    }
