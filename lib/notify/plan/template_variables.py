"""What templates may name (docs/reference/domain.md#template-variables).

Pure.
"""

from __future__ import annotations

from typing import Any

from lib import dates
from lib.domain.stores import ALL
from lib.notify.model.rows import Facts, RunSummaryRow
from lib.notify.plan.run_result import RunResult
from lib.period_names import period_name


def template_variables(
    facts: Facts,
    run: RunSummaryRow,
    store_code: str | None,
    result: RunResult | None = None,
) -> dict[str, Any]:
    """Return the variables for a mail about the run, or about `store_code` (`ALL`: all stores).

    Dates and instants are ISO 8601 text, instants in UTC with a Z. A mail about the run has no
    store_code and no store_name; a store that store_master does not know has its code for a name.
    `result` is of mails about the run alone.
    """
    period = period_name(run.pipeline_name, run.report_on) if run.report_on else ""
    context = {
        "pipeline_name": facts.pipeline_name,
        "pipeline_description": facts.pipeline_description,
        "run_id": run.run_id,
        "run_env": run.run_env,
        "report_date": run.report_on.isoformat() if run.report_on else "",
        "period": period,
        "overall_status": run.overall_status,
        "summary_text": run.summary_text,
        "total_time_taken": run.total_time_taken,
        "started_at": dates.iso_utc(run.started_at),
        "finished_at": dates.iso_utc(run.finished_at),
        "metrics_json": run.metrics,
    }

    if store_code is None:
        return context | {
            "result": result.subject if result else "",
            "result_text": result.text if result else "",
        }

    return context | {"store_code": store_code, "store_name": store_name(facts, store_code)}


def store_name(facts: Facts, store_code: str) -> str:
    """Return the name that readers know: `Riverside Colony`, `All stores`; else the code."""
    if store_code == ALL:
        return "All stores"

    return facts.store_names.get(store_code) or store_code
