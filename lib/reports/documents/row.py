"""The row of `documents` that every report has, made or failed.

Source: docs/reference/contract.md#pipelines-and-documents, docs/reference/domain.md#report-files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib import errors
from lib.domain.pipelines import PIPELINES
from lib.model import RunRef, Status
from lib.reports.documents.pdf_file import StoredFile


def of_file(
    run: RunRef,
    store_code: str,
    file: StoredFile,
    figures: dict[str, Any] | None = None,
    *,
    version: int = 1,
    restated: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the row of a report that is on disk, with the figures of its page, if it keeps any.

    `restated` is what it says of figures that were mailed otherwise.
    """
    return {
        **_row(run, store_code, file.path),
        "file_path": str(file.path),
        "file_size_bytes": file.size_bytes,
        "checksum": file.checksum,
        "figures_json": figures,
        "version": version,
        "restated_json": restated,
        "status": Status.OK.value,
    }


def of_failure(
    run: RunRef,
    store_code: str,
    path: Path,
    error: BaseException,
) -> dict[str, Any]:
    """Return the row of a report that could not be made under `path`.

    Its words are safe to store.
    """
    return {
        **_row(run, store_code, path),
        "status": Status.ERROR.value,
        "error_message": errors.describe(error),
    }


def _row(
    run: RunRef,
    store_code: str,
    path: Path,
) -> dict[str, Any]:
    return {
        "doc_type": PIPELINES[run.pipeline].document_type,
        "doc_subtype": "pipeline_report",
        "doc_date": run.report_on,
        "reference_name_1": "pipeline",
        "reference_id_1": run.pipeline.value,
        "reference_name_2": "run_id",
        "reference_id_2": run.run_id,
        "reference_name_3": "store_code",
        "reference_id_3": store_code,
        "file_name": path.name,
        "mime_type": "application/pdf",
        "storage_backend": "fs",
        "created_by": "pipeline",
    }
