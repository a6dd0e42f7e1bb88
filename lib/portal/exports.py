"""One export on disk: written under a temporary name, checked, then renamed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lib.domain.exports import Export
from lib.errors import TemporaryError
from lib.files import replacing
from lib.portal.http import reply as http_reply
from lib.portal.http.reply import Reply, ReplyKind

Fetch = Callable[[BinaryIO], tuple[ReplyKind, Reply]]

#: What may be saved: rows, or the portal's sentence for none.
VALID = frozenset({ReplyKind.CSV, ReplyKind.EMPTY_EXPORT})


@dataclass(frozen=True)
class Saved:
    """What was saved."""

    #: As the file has them; none where the portal said that there are no rows.
    columns: tuple[str, ...]
    #: False where nothing marked the end of the reply.
    is_proven_whole: bool


class Rejected(TemporaryError):
    """The reply is no export of the store; nothing of it was kept."""


def save(
    fetch: Fetch,
    file: Path,
    store_code: str,
    export: Export,
) -> Saved:
    """Let `fetch` fill a temporary file; name it `file` once it is proven to be the store's export.

    Raise Rejected, and what
    `fetch` raises; `file` is then as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)

    # Not durable: after a power cut the next run downloads anew and never reads this one's files.
    with replacing(file, durable=False) as stream:
        kind, reply = fetch(stream)
        require_export(kind, reply, store_code, export)

        plain = http_reply.without_sentence(reply.body)
        if plain != reply.body:
            stream.seek(0)
            stream.truncate()
            stream.write(plain)

    columns = http_reply.columns(plain) if kind is ReplyKind.CSV else ()
    return Saved(columns, reply.is_proven_whole)


def require_export(
    kind: ReplyKind,
    reply: Reply,
    store_code: str,
    export: Export,
) -> None:
    """Raise Rejected unless the reply is the export of this store."""
    if kind is ReplyKind.UNKNOWN:
        _require_columns(reply, export)

    if kind not in VALID:
        raise Rejected(f"the portal sent {kind.value} (status {reply.status}) in place of the CSV")

    if kind is ReplyKind.EMPTY_EXPORT:
        return

    try:
        codes = http_reply.store_codes(http_reply.without_sentence(reply.body))
    except csv.Error as error:
        raise Rejected("its rows cannot be read as CSV") from error

    if codes and store_code.upper() not in codes:
        raise Rejected("its rows belong to another store")


def _require_columns(reply: Reply, export: Export) -> None:
    """Raise Rejected with the missing columns of a CSV that has some of the required ones."""
    missing = http_reply.missing_columns(
        http_reply.without_sentence(reply.body),
        export,
    )

    if 0 < len(missing) < len(export.required()):
        raise Rejected(
            f"the CSV has no column {', '.join(missing)};"
            " if the portal renamed it, lib/domain/exports.py must follow"
        )
