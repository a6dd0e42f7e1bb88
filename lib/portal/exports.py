"""One export on disk: streamed to a temporary name, proven to be what was asked for, then renamed.

Source: docs/reference/domain.md#valid-download.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lib.domain.exports import Export
from lib.errors import TemporaryError
from lib.files import replacing
from lib.portal.http import reply as http_reply
from lib.portal.http.reply import Kind, Reply

Fetch = Callable[[BinaryIO], tuple[Kind, Reply]]


class Rejected(TemporaryError):
    """The reply is no export of the store; nothing of it was kept."""


def save(fetch: Fetch, file: Path, store_code: str, export: Export) -> tuple[str, ...]:
    """Let `fetch` fill a temporary file and give it the name `file` once it is proven to be the store's export.

    Returns its columns, none where the portal said that there are no rows. On any error `file` is
    as it was. Raises Rejected, and what `fetch` raises.
    """
    file.parent.mkdir(parents=True, exist_ok=True)

    # Not durable: after a power cut the next run downloads anew and never reads this one's files.
    with replacing(file, durable=False) as stream:
        kind, reply = fetch(stream)
        require_export(kind, reply, store_code, export)

        if (plain := http_reply.without_sentence(reply.body)) != reply.body:
            stream.seek(0)
            stream.truncate()
            stream.write(plain)

    return http_reply.columns(plain) if kind is Kind.CSV else ()


def require_export(kind: Kind, reply: Reply, store_code: str, export: Export) -> None:
    """Refuse what is no export, or the export of another store."""
    if kind is Kind.UNKNOWN:
        _require_columns(reply, export)

    if kind not in {Kind.CSV, Kind.EMPTY_EXPORT}:
        raise Rejected(f"the portal sent {kind.value} (status {reply.status}) in place of the CSV")

    if kind is Kind.CSV:
        codes = _store_codes(reply)
        if codes and store_code.upper() not in codes:
            raise Rejected("its rows belong to another store")


def _require_columns(reply: Reply, export: Export) -> None:
    """Name the columns that a CSV lacks: some are known, so it is no unknown page (lesson 23)."""
    missing = http_reply.missing_columns(http_reply.without_sentence(reply.body), export)
    if 0 < len(missing) < len(export.required()):
        todo = "if the portal renamed it, lib/domain/exports.py must follow"
        raise Rejected(f"the CSV has no column {', '.join(missing)}; {todo}")


def _store_codes(reply: Reply) -> set[str]:
    try:
        return http_reply.store_codes(http_reply.without_sentence(reply.body))
    except csv.Error as error:
        raise Rejected("its rows cannot be read as CSV") from error
