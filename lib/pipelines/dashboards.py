"""The dashboards of a day: read and store. Each store is a unit of its own."""

from __future__ import annotations

from collections.abc import Sequence

from lib import dates, ingest, portal, terminal
from lib.model import Dashboard, Finding, Phase, Status
from lib.portal import Client, Headers
from lib.run import Outcome, Run


def scrape(
    run: Run,
    client: Client,
    stores: Sequence[str],
    *,
    keep: bool,
) -> list[str]:
    """Read the dashboards of the run's report date and store them unless `keep` is off.

    Return the stores whose dashboard is in order: none where an error concerns no single store.
    """
    with run.engine.connect() as connection:
        names = ingest.known_stores(connection)

    def fetch(code: str) -> Dashboard:
        return client.dashboard(
            code,
            expected_on=run.ref.report_on,
            known_name=names.get(code),
        )

    before = len(run.outcomes)
    pages: list[Dashboard] = []

    with terminal.progress(Phase.SCRAPE, len(stores)) as step:
        for code, result in client.run_concurrently(stores, fetch):
            step()

            with run.unit(Phase.SCRAPE, code):
                if isinstance(result, Exception):
                    raise result

                run.report(Phase.SCRAPE, result.findings)

                if keep:
                    with run.engine.begin() as connection:
                        left_out = ingest.store_dashboard(connection, result, dates.now())

                    run.report(Phase.SCRAPE, left_out)

                pages.append(result)
                run.record(Outcome(Phase.SCRAPE, Status.OK, code))

    run.report(Phase.SCRAPE, portal.mostly_empty(pages))
    is_noticed = notice_changes(
        run,
        Phase.SCRAPE,
        portal.headers_of_dashboards(pages),
        keep=keep,
    )
    wrong = set()

    for outcome in run.outcomes[before:]:
        if outcome.status is Status.ERROR:
            wrong.add(outcome.unit)

    return [] if "" in wrong or not is_noticed else [code for code in stores if code not in wrong]


def note_pace(run: Run, client: Client) -> None:
    """Note in the run how the portal serves requests, if the run went on in another way for it."""
    pace = client.pace()
    if pace is None:
        return

    run.details.append(f"- Portal: {pace}")
    run.metrics["portal"] = {
        "text": str(pace),
        "in_flight": pace.in_flight,
        "sessions": pace.sessions,
        "effective": round(pace.effective, 1),
    }


def notice_changes(
    run: Run,
    phase: Phase,
    seen: Sequence[Headers],
    *,
    keep: bool,
) -> bool:
    """Report the headers that the portal changed since last time. The data are not touched.

    False: that failed, so what has these headers must be read again, for a change is told on its
    first day.
    """
    findings: Sequence[Finding] | None = None

    with run.unit(phase, "headers"):
        findings = portal.notice_changes(run.engine, seen, keep=keep)
        run.report(phase, findings)

    return findings is not None
