"""Reports being made, as outcomes of their run."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack
from typing import Any

from lib import terminal
from lib.domain.stores import ALL
from lib.errors import ExitCode
from lib.model import Phase
from lib.reports.build.make import ReportOutcome
from lib.run import Outcome, Run


def draw(
    run: Run,
    outcomes: Iterable[ReportOutcome],
    total: int,
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw up to `total` reports and record each as it ends.

    Return, by store code, the files that were made and the reasons why there is none.
    """
    files, missing = {}, {}

    with ExitStack() as stack, terminal.progress("rendering PDFs", total) as step:
        if isinstance(outcomes, Generator):
            # A stop must end the render workers at once, not when the last traceback lets go of the
            # generator.
            stack.callback(outcomes.close)

        for outcome in outcomes:
            step()
            run.record(
                Outcome(
                    Phase.REPORT,
                    outcome.status,
                    outcome.store_code,
                    outcome.reason or "",
                )
            )

            if outcome.needs_person:
                run.ends_with(ExitCode.CONFIGURATION)

            if outcome.path:
                files[outcome.store_code] = str(outcome.path)
            else:
                missing[outcome.store_code] = outcome.reason or "no reason given"

    return files, missing


def note(
    run: Run,
    files: Mapping[str, str],
    missing: Mapping[str, str],
) -> None:
    """Put a day's reports into the run's metrics (docs/reference/domain.md#run-summary).

    Those about stores are without `ALL`; it is among the PDFs.
    """
    run.metrics["stores"] |= {
        "report_success": [code for code in sorted(files) if code != ALL],
        "report_failures": {code: why for code, why in missing.items() if code != ALL},
    }
    run.metrics["pdf"] = {
        "generated": len(files),
        "failed": len(missing),
        "records": records(files),
    }


def records(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return `pdf.records` of a run's metrics by store code.

    Source: docs/reference/domain.md#run-summary.
    """
    found = []

    for code in sorted(files):
        found.append({"store_code": code, "file_path": files[code]})

    return found
