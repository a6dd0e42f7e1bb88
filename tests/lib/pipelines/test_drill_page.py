"""The page about a drill: what it says, on one page, and that it is one that can be listened to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from lib.drill import page_file
from lib.drill.backup import Backup
from lib.drill.job_process import JobEnding
from lib.drill.model import Fault, Guarantee, GuaranteeState, Judgement, Plan
from lib.errors import ExitCode
from lib.model import Phase
from lib.pipelines.drill import page
from lib.pipelines.drill.outcome import DrillOutcome, RestoredBackup, Start
from lib.reports.build import html
from lib.reports.render import pdf_check, weasyprint_engine
from lib.reports.render.pdf_check import Expected
from tests.factories.notify_rows import settings

BEGAN = datetime(2025, 11, 15, 7, 50, 3, 417208, tzinfo=UTC)
HELD, BROKEN = GuaranteeState.HELD, GuaranteeState.BROKEN
BACKUP = Backup(Path("/backups/simplify.dump"), datetime(2025, 11, 15, 0, 50, tzinfo=UTC), 130_000)


def outcome(verdict=HELD, text="as it should be", starts=2, **changes):
    given = DrillOutcome(
        run_id="20251115_075003417208",
        plan=Plan(Fault.KILL, 7, phase=Phase.MERGE),
        on=date(2025, 11, 14),
        began_at=BEGAN,
        restored=RestoredBackup(BACKUP, took_s=1.4, revision="0023", rows={"documents": 1234}),
        starts=[Start(JobEnding("daily", -9), 3.2)] + [Start(JobEnding("daily", 0), 65.0)] * starts,
        struck_at=datetime(2025, 11, 15, 7, 50, 21, tzinfo=UTC),
        recovered_s=68.2,
        judgements=[Judgement(one, verdict, text) for one in Guarantee],
    )
    return replace(given, **changes)


def drawn(given):
    context = page.context_of(settings(Path(), None), given)
    return weasyprint_engine.render(html.drill_html(context))


def said(content):
    [only] = PdfReader(BytesIO(content)).pages
    return " ".join(only.extract_text().split())


def test_it_says_what_was_broken_what_held_and_how_long_it_took():
    text = said(drawn(outcome()))

    for part in (
        "Every promise held",
        "Time to recover 1 min 8 s",
        "Promises held 7 of 7",
        "the process of the run was killed (SIGKILL)",
        "behind the first log line of the phase merge",
        "15 Nov 2025, 13:20:21 IST",
        "simplify.dump",
        "7 h before",
        "1,234",
        "1, with the fault -9 3 s",
        "2, as the scheduler would 0 1 min 5 s",
        "jobs.drill --fault kill --seed 7",
        "Page 1 of 1",
    ):
        assert part in text


def test_a_broken_promise_is_the_headline():
    judgements = [
        Judgement(Guarantee.MAILS, BROKEN, "a mail owners A668 is sent and arrived 2 times")
    ]
    text = said(drawn(outcome(judgements=judgements)))

    assert "1 promise did not hold" in text
    assert "a mail owners A668 is sent and arrived 2 times" in text


def test_what_is_unknown_is_said_to_be_so():
    nothing = RestoredBackup(BACKUP, problems=["pg_restore ended with 1"])
    text = said(
        drawn(outcome(struck_at=None, recovered_s=None, restored=nothing, starts=0, judgements=[]))
    )

    assert "The fault did not strike: nothing was tried" in text
    assert "Time to recover unknown" in text
    assert "Struck it did not strike" in text
    assert "not restored" in text


def test_the_longest_texts_stay_on_one_page():
    problem = "a mail store_daily_reports A668 is uncertain and arrived 2 times"
    text = "; ".join([problem, problem, problem, "and 996 more"])

    assert "and 996 more" in said(drawn(outcome(BROKEN, text, starts=4)))


def test_it_is_checked_as_a_report_is():
    expected = Expected("DRILL", "2025-11-14", "20251115_075003417208", frozenset())
    pdf_check.check(drawn(outcome()), expected)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (outcome(), ExitCode.OK),
        (outcome(BROKEN), ExitCode.BUG),
        (outcome(struck_at=None), ExitCode.TEMPORARY),
        (outcome(BROKEN, struck_at=None), ExitCode.BUG),
    ],
    ids=["held", "broken", "did not strike", "broken all the same"],
)
def test_the_exit_code_says_whether_all_held(given, code):
    assert given.exit_code is code


def test_its_name_is_one_that_is_pruned():
    path = page_file.path(Path("/reports"), BEGAN)

    assert path == Path("/reports/drills/drill_20251115_075003417208.pdf")
    assert page_file.NAME.fullmatch(path.name)["day"] == "20251115"
