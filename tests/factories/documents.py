"""Rows of `documents` about reports (docs/reference/contract.md#pipelines-and-documents)."""

from __future__ import annotations

from typing import Any

from lib.domain.pipelines import PIPELINES
from lib.model import RunRef


def report_row(run: RunRef, store_code: str, **changes: object) -> dict[str, Any]:
    """Return the row of a report of `run`.

    Its file, if the test is about one, is among the changes.
    """
    row = {
        "doc_type": PIPELINES[run.pipeline].document_type,
        "doc_subtype": "pipeline_report",
        "doc_date": run.report_on,
        "reference_name_1": "pipeline",
        "reference_id_1": run.pipeline,
        "reference_name_2": "run_id",
        "reference_id_2": run.run_id,
        "reference_name_3": "store_code",
        "reference_id_3": store_code,
        "file_name": f"{store_code}_{run.report_on}.pdf",
        "mime_type": "application/pdf",
    }
    return row | changes
