"""The rows about one run and its readers, as values. No rule lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from lib.domain.stores import ALL

PDF = "application/pdf"
ANY_ENV = "any"
_UTC = ZoneInfo("UTC")
#: What RUN_ENV may be; rows may also say `any`.
RUN_ENVS = frozenset({"dev", "local", "prod"})


class Scope(StrEnum):
    """What one mail of a profile is about (docs/reference/domain.md#notification-selection)."""

    #: The run: one mail, to recipients without a store code.
    RUN = "run"
    #: One store: a mail for each store that has a document.
    STORE = "store"
    #: All stores together: one mail, to recipients without a store code or with `ALL`.
    COMBINED = "combined"


class AttachMode(StrEnum):
    """Which documents of the run a mail carries.

    Source: docs/reference/domain.md#notification-selection.
    """

    NONE = "none"
    #: Those of the mail's store; of `ALL` in a combined mail.
    PER_STORE_PDF = "per_store_pdf"
    #: Those with any store code, `ALL` included.
    ALL_STORE_PDFS = "all_store_pdfs"
    ALL_DOCS_FOR_RUN = "all_docs_for_run"


class SendAs(StrEnum):
    """Which list of a mail an address goes to; bcc shows in the envelope only."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"


@dataclass(frozen=True)
class Profile:
    """A group of readers and what they get about a pipeline.

    `scope` and `attach_mode` are as stored, perhaps unknown to us.
    """

    id: int
    code: str
    env: str
    scope: str
    attach_mode: str
    is_active: bool = True


@dataclass(frozen=True)
class Template:
    """The Jinja sources of one profile's mails; the one named `default` is used."""

    profile_id: int
    subject: str
    body: str
    name: str = "default"
    is_active: bool = True


@dataclass(frozen=True)
class Recipient:
    """One address of a profile, as stored and not yet checked."""

    id: int
    profile_id: int
    address: str
    send_as: str = SendAs.TO
    #: None: every store.
    store_code: str | None = None
    env: str = ANY_ENV
    display_name: str | None = None
    is_active: bool = True


@dataclass(frozen=True)
class Document:
    """A document of the run's period whose row says `ok`.

    Also one whose row says that `jobs.prune` removed its file.
    """

    id: int
    doc_type: str
    #: Upper-case; `ALL` for the combined report.
    store_code: str | None
    file_name: str
    path: str | None
    mime_type: str = PDF
    storage_backend: str = "fs"
    #: SHA-256, hexadecimal; None on rows of earlier systems.
    checksum: str | None = None
    #: Why it cannot be attached, in words; None once the file has been seen to be the recorded one.
    problem: str | None = None
    #: Its file was removed by age: no mail that needs it is owed any more.
    is_pruned: bool = False
    #: The name under which it is mailed; empty: that of its file.
    shown_name: str = ""
    #: What its first page says, as `documents.figures_json`; None where nothing was kept.
    figures: Mapping[str, Any] | None = field(default=None, hash=False)

    @property
    def attached_as(self) -> str:
        """The name that readers see."""
        return self.shown_name or self.file_name


@dataclass(frozen=True)
class RunSummaryRow:
    """The run's row in `pipeline_run_summaries`; instants are aware and in UTC."""

    pipeline_name: str
    run_id: str
    run_env: str
    report_on: date | None
    overall_status: str
    summary_text: str
    started_at: datetime
    finished_at: datetime
    #: HH:MM:SS.
    total_time_taken: str
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_forced(self) -> bool:
        """True if an operator asked for the period once more, and for its mails."""
        return self.metrics.get("forced") is True

    @property
    def is_notified(self) -> bool:
        """True if its mails were planned and the outcome is in its row."""
        email = self.metrics.get("email")
        return isinstance(email, Mapping) and "planned" in email


@dataclass(frozen=True)
class Facts:
    """Everything a plan is made from.

    Rows of every env and inactive ones are there: choosing is the plan's.
    """

    pipeline_name: str
    run_id: str
    #: None: there is no such row in `pipelines`.
    pipeline_description: str | None
    run: RunSummaryRow | None
    profiles: tuple[Profile, ...] = ()
    templates: tuple[Template, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    #: Oldest row first.
    documents: tuple[Document, ...] = ()
    #: Upper-case store code to the name that store_master knows.
    store_names: Mapping[str, str] = field(default_factory=dict)
    #: Other runs of the pipeline that have an uncertain mail.
    undecided: tuple[str, ...] = ()
    #: PIPELINE_TIMEZONE: times that people read are of its wall clock.
    zone: ZoneInfo = _UTC
    #: Somebody reads answers to mails (REPORT_EMAIL_REPLY_TO).
    has_answer: bool = False

    def name_of(self, store_code: str) -> str:
        """Return the name that readers know: `Riverside Colony`, `All stores`; else the code."""
        if store_code == ALL:
            return "All stores"

        return self.store_names.get(store_code) or store_code
