"""What templates may name (docs/reference/domain.md#template-variables).

Pure.
"""

from __future__ import annotations

from typing import Any

from lib import dates
from lib.domain.stores import ALL
from lib.notify.model.rows import Facts, RunSummaryRow


def template_variables(
    facts: Facts,
    run: RunSummaryRow,
    store_code: str | None,
) -> dict[str, Any]:
    """Return the variables for a mail about the run, or about `store_code` (`ALL`: all stores).

    Dates and instants are ISO 8601 text, instants in UTC with a Z. A mail about the run has no
    store_code and no store_name; a store that store_master does not know has its code for a name.
    """
    context = {
        "pipeline_name": facts.pipeline_name,
        "pipeline_description": facts.pipeline_description,
        "run_id": run.run_id,
        "run_env": run.run_env,
        "report_date": run.report_on.isoformat() if run.report_on else "",
        "overall_status": run.overall_status,
        "summary_text": run.summary_text,
        "total_time_taken": run.total_time_taken,
        "started_at": dates.iso_utc(run.started_at),
        "finished_at": dates.iso_utc(run.finished_at),
        "metrics_json": run.metrics,
    }

    if store_code is None:
        return context

    name = "All stores" if store_code == ALL else facts.store_names.get(store_code) or store_code
    return context | {"store_code": store_code, "store_name": name}
