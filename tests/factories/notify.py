"""Facts about a run and its readers, as the database would tell them.

Name only what the test is about.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from lib.notify.model.addresses import Address
from lib.notify.model.mail import PlannedMail
from lib.notify.model.rows import Document, Facts, Profile, Recipient, RunSummaryRow, Template

RUN_ID = "20251115_023005123456"
PIPELINE = "simplify_dashboard_daily"

RUN = RunSummaryRow(
    pipeline_name=PIPELINE,
    run_id=RUN_ID,
    run_env="dev",
    report_on=date(2025, 11, 14),
    overall_status="ok",
    summary_text="Status: ok",
    started_at=datetime(2025, 11, 15, 2, 30, 5, 123456, UTC),
    finished_at=datetime(2025, 11, 15, 2, 41, 52, tzinfo=UTC),
    total_time_taken="00:11:46",
)
PROFILE = Profile(id=1, code="readers", env="any", scope="run", attach_mode="none")
TEMPLATE = Template(profile_id=1, subject="{{ pipeline_name }}", body="{{ summary_text }}")


def recipient(address: str, **changes) -> Recipient:
    """An active `to` of PROFILE for every store and env."""
    return replace(Recipient(id=7, profile_id=1, address=f"{address}@example.invalid"), **changes)


def document(store_code: str | None, **changes) -> Document:
    """An attachable daily report; its id is made from its store code."""
    name = f"{store_code}_2025-11-14.pdf"
    number = int.from_bytes((store_code or "").encode()[-4:], "big")
    return replace(
        Document(number, "store_daily_pdf", store_code, name, f"/reports/2025/{name}"), **changes
    )


def facts(**changes) -> Facts:
    """One run of the daily pipeline, one profile and its template; no document and no recipient."""
    ordinary = Facts(PIPELINE, RUN_ID, "The daily run", RUN, (PROFILE,), (TEMPLATE,))
    return replace(ordinary, **changes)


def mail(**changes) -> PlannedMail:
    """A mail about the run to one address, without an attachment."""
    to = (Address("reader@example.invalid"),)
    return replace(
        PlannedMail("readers", "any", None, to, (), (), "A subject", "A body"), **changes
    )
