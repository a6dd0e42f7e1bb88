"""How a stored mail becomes bytes, or why not."""

from datetime import UTC, datetime

import pytest

from lib.notify.delivery.content import Origin, UnbuildableMail, built
from lib.notify.message import attachment_files
from lib.notify.model.addresses import Address
from lib.notify.outbox.rules import Message
from tests.factories.notify import document, mail

ORIGIN = Origin(Address("reports@example.invalid"))


def message(**changes):
    return Message("<1@example.invalid>", mail(**changes), datetime(2025, 11, 15, tzinfo=UTC), ())


def test_the_files_of_a_mail_are_read_until_they_are_too_many(monkeypatch):
    read = []

    def content(each):
        read.append(each)
        return b"%PDF-" + bytes(10 * 1024 * 1024)

    monkeypatch.setattr(attachment_files, "content", content)
    with pytest.raises(
        UnbuildableMail, match="its files have more than 26214400 bytes together"
    ) as held:
        built(message(attachments=tuple(document(f"A{number}") for number in range(2_000))), ORIGIN)
    assert held.value.needs_person
    assert len(read) == 3


@pytest.mark.parametrize(
    ("changes", "reason", "needs_person"),
    [
        (
            {"problem": "the subject template renders to nothing"},
            "the subject template renders to nothing",
            True,
        ),
        (
            {"subject": "two\nlines"},
            "its Subject has a line break or another control character",
            True,
        ),
        ({"attachments": (document("A668", path=None),)}, "its row has no file path", False),
    ],
)
def test_only_a_missing_file_comes_back_without_anybody(changes, reason, needs_person):
    with pytest.raises(UnbuildableMail) as held:
        built(message(**changes), ORIGIN)
    assert (str(held.value), held.value.needs_person) == (reason, needs_person)
