"""Several periods in one mail, so that catching up is no flood. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lib.notify.model.rows import Document
from lib.notify.outbox.rules import Content, Promise, message_id
from lib.notify.plan.build import PlannedMail

#: Of all files together, as they are on disk: base64 makes them a third bigger.
MAX_ATTACHED_BYTES = 15 * 1024 * 1024


def grouped(promises: Sequence[Promise]) -> list[list[Promise]]:
    """Return one list for each mail to send: promises of the same profile and store to the same people go together."""
    groups: dict[tuple[object, ...], list[Promise]] = {}

    for promise in promises:
        mail = promise.mail
        alone = promise.key.report_on if mail.problem else None
        people = frozenset(address.mailbox for address in promise.owed), frozenset(mail.envelope)
        group = groups.setdefault(
            (mail.profile, mail.profile_env, mail.store_code, people, alone), []
        )

        group.append(promise)

    return list(groups.values())


def content(promises: Sequence[Promise]) -> Content:
    """Return which content the digest of these promises is."""
    versions = [f"{promise.key.report_on} {promise.content.version}" for promise in promises]
    domain = promises[-1].content.message_id.rpartition("@")[2].removesuffix(">")

    return replace(
        promises[-1].content,
        message_id=message_id([p.key for p in promises], " ".join(versions), domain),
    )


def merged(promises: Sequence[Promise], size_bytes: Callable[[Document], int]) -> PlannedMail:
    """Return the one mail that says what the mails of `promises`, oldest period first, would say.

    Files that would make it bigger than `MAX_ATTACHED_BYTES` are named in it in place of being
    attached.
    """
    newest = promises[-1].mail
    documents = tuple({d.id: d for promise in promises for d in promise.mail.attachments}.values())
    attached, left = _fitting(documents, size_bytes)
    dates = ", ".join(promise.key.report_on.isoformat() for promise in promises)
    parts = [f"This mail covers {len(promises)} periods, those that end on {dates}."]

    if left:
        names = "\n".join(f"- {document.file_name}" for document in left)
        parts.append(f"Too big for one mail, to be had from where the reports are kept:\n{names}")

    parts += [
        f"--- {promise.mail.subject} ---\n\n{promise.mail.body.strip()}" for promise in promises
    ]
    subject = f"{newest.subject} (and {len(promises) - 1} earlier)"

    return replace(newest, subject=subject, body="\n\n".join(parts), attachments=attached)


def _fitting(
    documents: Sequence[Document], size_bytes: Callable[[Document], int]
) -> tuple[tuple[Document, ...], list[Document]]:
    """Return the documents that fit, newest first chosen, and those that do not; both in their order."""
    room, chosen = MAX_ATTACHED_BYTES, set()

    for document in reversed(documents):
        if (size := size_bytes(document)) <= room:
            room -= size
            chosen.add(document.id)

    return tuple(d for d in documents if d.id in chosen), [
        d for d in documents if d.id not in chosen
    ]
