"""Several periods in one mail, so that catching up does not flood its readers.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Document
from lib.notify.outbox.rules import Content, OutboxEntry, message_id

#: Of all files together, as they are on disk: base64 makes them a third bigger.
MAX_ATTACHED_BYTES = 15 * 1024 * 1024


def grouped(entries: Sequence[OutboxEntry]) -> list[list[OutboxEntry]]:
    """Return one list for each mail to send.

    Entries of the same profile and store that the same people are owed go together.
    """
    groups: dict[tuple[object, ...], list[OutboxEntry]] = {}

    for entry in entries:
        mail = entry.mail
        owed = frozenset(address.mailbox for address in entry.owed)
        # A mail that cannot be made stays alone, so that it holds back no other.
        alone = entry.key.report_on if mail.problem else None
        group = (
            mail.profile,
            mail.profile_env,
            mail.store_code,
            owed,
            frozenset(mail.envelope),
            alone,
        )

        groups.setdefault(group, []).append(entry)

    return list(groups.values())


def content(entries: Sequence[OutboxEntry]) -> Content:
    """Return which content the digest of these entries is."""
    keys = [entry.key for entry in entries]
    versions = []

    for entry in entries:
        versions.append(f"{entry.key.report_on} {entry.content.version}")

    newest = entries[-1].content
    domain = newest.message_id.rpartition("@")[2].removesuffix(">")

    return replace(
        newest,
        message_id=message_id(
            keys,
            " ".join(versions),
            domain,
        ),
    )


def merged(
    entries: Sequence[OutboxEntry],
    size_bytes: Callable[[Document], int],
) -> PlannedMail:
    """Return the one mail about the periods of `entries`: a line a period, oldest first.

    Then what the newest report says at length, and of the others what only their text says: remarks
    before it, and a whole text that is not made of the report's lines. Files that would make the
    mail bigger than `MAX_ATTACHED_BYTES` are named in it in place of being attached.
    """
    newest = entries[-1].mail
    documents: dict[int, Document] = {}

    for entry in entries:
        documents |= {document.id: document for document in entry.mail.attachments}

    attached, left_out = fitting(
        list(documents.values()),
        size_bytes,
        MAX_ATTACHED_BYTES,
    )
    mails = [entry.mail for entry in entries]
    lines = [f"- {mail.line or mail.subject}" for mail in mails]
    parts = ["\n".join([f"This mail covers {len(entries)} periods:", *lines])]

    if left_out:
        parts.append(too_big_note(left_out))

    for mail in mails:
        parts += _own_words(mail)

    if newest.panel:
        parts.append(newest.panel.text)

    return replace(
        newest,
        subject=f"{newest.subject} (and {len(entries) - 1} earlier)",
        body="\n\n".join(parts),
        attachments=attached,
    )


def _own_words(mail: PlannedMail) -> list[str]:
    """Return what a mail says beside the lines of its report, under its subject; or nothing."""
    words = mail.remarks if mail.panel else (mail.body.strip(),)
    return [f"--- {mail.subject} ---", *words] if words else []


def too_big_note(left_out: Sequence[Document]) -> str:
    """Return the paragraph of a mail that names the files that it could not carry."""
    names = "\n".join(f"- {document.file_name}" for document in left_out)
    return f"Too big for one mail, to be had from where the reports are kept:\n{names}"


def fitting(
    documents: Sequence[Document],
    size_bytes: Callable[[Document], int],
    room: int,
) -> tuple[tuple[Document, ...], list[Document]]:
    """Return the documents that fit into `room` bytes, newest chosen first, and those that do not.

    Both in their order.
    """
    chosen = set()

    for document in reversed(documents):
        size = size_bytes(document)
        if size <= room:
            room -= size
            chosen.add(document.id)

    attached = tuple(document for document in documents if document.id in chosen)
    left_out = [document for document in documents if document.id not in chosen]

    return attached, left_out
