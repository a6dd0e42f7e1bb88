"""What templates may name (docs/reference/domain.md#template-variables).

Pure.
"""

from __future__ import annotations

from typing import Any

from lib import dates
from lib.notify.model.rows import Facts, RunSummaryRow
from lib.notify.plan.owner_mail import OwnerMail
from lib.notify.plan.run_result import RunResult
from lib.period_names import period_name


def template_variables(
    facts: Facts,
    run: RunSummaryRow,
    store_code: str | None,
    said: RunResult | OwnerMail,
) -> dict[str, Any]:
    """Return the variables for a mail about the run, or about `store_code` (`ALL`: all stores).

    Dates and instants are ISO 8601 text, instants in UTC with a Z. A mail about the run has no
    store_code and no store_name; a store that store_master does not know has its code for a name.
    `said` is what the mail has to say: how the run ended, or the figures of a report.
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

    if store_code:
        context |= {"store_code": store_code, "store_name": facts.name_of(store_code)}

    match said:
        case RunResult(subject, text):
            return context | {"result": subject, "result_text": text}
        case OwnerMail(headline, _, panel):
            return context | {"headline": headline, "report_text": panel.text}
