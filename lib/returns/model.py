"""A form that came back, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from lib.domain.report_form import ListKind

#: Of one PDF. A report with 300 rows has 200 kB, and what viewers add is less.
MAX_PDF_BYTES = 10 * 1024 * 1024


class Said(StrEnum):
    """What the boxes of a row say."""

    YES = "yes"
    NO = "no"
    #: Both boxes are ticked: nobody knows what is meant.
    BOTH = "both"


class FormRefusal(StrEnum):
    """Why a PDF is not read, in words for whoever sent it."""

    TOO_LARGE = f"it is larger than {MAX_PDF_BYTES // 1024 // 1024} MB"
    TOO_EXPENSIVE = "it takes too much time or memory to read"
    NO_PDF = "it cannot be read as a PDF, or a part of it is missing"
    LOCKED = "it is protected by a password"
    NO_REPORT = (
        "it does not say of which report it is; that is so of other documents, and of a report that"
        " was printed to a new PDF"
    )
    NO_FORM = "it has no fields: it may have been printed to a new PDF, scanned or photographed"
    TWO_OF_A_NAME = "two of its fields have the same name, so that nobody knows what is meant"
    EMPTY = "nothing is ticked or typed in it; it may have been sent before it was saved"
    UNKNOWN = "no such report was made here"
    NOT_THEIRS = "it is the report of a store whose reports do not go to this address"


@dataclass(frozen=True)
class Answer:
    """What a form says about one row; never all of it empty."""

    kind: ListKind
    #: Of the row on its list, from 1.
    number: int
    #: An order id; a lead's mobile number. None where the form does not say.
    about: str | None
    said: Said | None
    #: A customer's data: never logged.
    comment: str | None


@dataclass(frozen=True)
class ReturnedForm:
    """A PDF that says of which report it is, with the rows that are answered."""

    store_code: str
    report_on: date
    run_id: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class ReturnedPdf:
    """A PDF that came back."""

    #: SHA-256, hexadecimal.
    digest: str
    #: None: it is larger than MAX_PDF_BYTES.
    content: bytes | None
    #: The mailbox that it came from; None: it was put into the directory.
    sender: str | None
    #: Aware.
    received_at: datetime
