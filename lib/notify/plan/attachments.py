"""Which documents of a run a mail carries (docs/reference/domain.md#notification-selection).

Pure: whether a file is there was checked before.
"""

from __future__ import annotations

from collections.abc import Iterable

from lib.domain.stores import ALL
from lib.notify.model.rows import AttachMode, Document, Scope


def wanted(
    scope: Scope,
    mode: AttachMode,
    store_code: str | None,
    documents: Iterable[Document],
) -> list[Document]:
    """Return the documents that the mail of `scope` about `store_code` should carry.

    Attachable or not. A store's mail carries that store's documents only, whatever the mode: other
    stores' figures are not its business. A run's mail has no store, so `per_store_pdf` gives it
    none.
    """
    if mode is AttachMode.NONE:
        return []

    if scope is Scope.STORE:
        return [document for document in documents if document.store_code == store_code]

    if mode is AttachMode.ALL_DOCS_FOR_RUN:
        return list(documents)

    if mode is AttachMode.ALL_STORE_PDFS:
        return [document for document in documents if document.store_code]

    if scope is Scope.COMBINED:
        return [document for document in documents if document.store_code == ALL]

    return []


def needs_documents(scope: Scope, mode: AttachMode) -> bool:
    """Return True if a mail without any document would be pointless.

    A mail about the run never is: it says how the run went.
    """
    return scope is not Scope.RUN and mode is not AttachMode.NONE


def contradiction(scope: Scope, mode: AttachMode) -> str | None:
    """Return what a profile's scope and attach mode together cannot mean, and what is done instead.

    None if they fit.
    """
    if scope is Scope.RUN and mode is AttachMode.PER_STORE_PDF:
        return (
            "a mail about the run has no store, so per_store_pdf attaches nothing;"
            " use all_store_pdfs"
        )

    if scope is Scope.STORE and mode in (AttachMode.ALL_STORE_PDFS, AttachMode.ALL_DOCS_FOR_RUN):
        return (
            f"a mail about one store never carries another's documents,"
            f" so {mode} acts as per_store_pdf"
        )

    return None


def stores(documents: Iterable[Document]) -> list[str]:
    """Return the codes of the single stores that have a document, sorted."""
    codes = {document.store_code for document in documents if document.store_code}
    return sorted(codes - {ALL})


def latest(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Return one document a store and file name, the newest row.

    A report that was made again is the same report.
    """
    newest: dict[tuple[str | None, str], Document] = {}

    for document in documents:
        newest[document.store_code, document.file_name] = document

    return tuple(newest.values())
