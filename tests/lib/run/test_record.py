"""Outcomes per unit of work decide how a run ends."""

import json
from datetime import UTC, date, datetime

import pytest

from lib import log
from lib.errors import ConfigurationError, ExitCode, Interrupted, TemporaryError
from lib.model import Bucket, Finding, Phase, Pipeline, RunRef, Status
from lib.run import Outcome, Run


@pytest.fixture
def run():
    return Run(
        RunRef(Pipeline.DAILY, "r1", "dev", date(2025, 11, 14), datetime(2025, 11, 15, tzinfo=UTC)),
        engine=None,
    )


def test_a_phase_without_units_counts_as_done(run):
    with run.phase(Phase.LOGIN):
        pass

    assert run.outcomes == [Outcome(Phase.LOGIN, Status.OK)]


def test_a_phase_in_parts_ends_once_with_the_worst_of_its_units(run, capsys):
    log.start(pipeline_name=Pipeline.DAILY, run_id="r1")
    kept = []
    run.keep = lambda it: kept.append(len(it.outcomes))
    for code, status in (("A668", Status.WARNING), ("A817", Status.OK)):
        with run.part(Phase.INGEST):
            run.record(Outcome(Phase.INGEST, status, code))
        with run.part(Phase.AUDIT):
            pass
    for phase in (Phase.INGEST, Phase.AUDIT):
        with run.phase(phase):
            pass

    ends = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(end["phase"], end["message"]) for end in ends] == [
        ("ingest", "ingest ended: warning"),
        ("audit", "audit ended: ok"),
    ]
    assert kept == [2, 3], "stored with each end"


def test_the_part_that_an_error_leaves_is_where_the_run_failed(run):
    with pytest.raises(TemporaryError), run.part(Phase.MERGE):
        raise TemporaryError("no room")

    assert run.failed_in is Phase.MERGE


def test_a_failing_unit_is_recorded_and_the_next_one_goes_on(run):
    for code in ("A668", "A817"):
        with run.unit(Phase.REPORT, code):
            if code == "A668":
                raise TemporaryError("no figures for 2025-11-14")
            run.record(Outcome(Phase.REPORT, Status.OK, code))

    assert run.outcomes == [
        Outcome(Phase.REPORT, Status.ERROR, "A668", "no figures for 2025-11-14"),
        Outcome(Phase.REPORT, Status.OK, "A817"),
    ]
    assert (run.status, run.exit_code) == (Status.ERROR, ExitCode.TEMPORARY)


def test_what_broke_a_phase_is_told_as_of_that_phase(run, capsys):
    log.start(pipeline_name=Pipeline.DAILY, run_id="r1")
    run.fail(Phase.LOGIN, "", TemporaryError("the portal is away"))

    event = json.loads(capsys.readouterr().out)
    assert (event["phase"], event["message"], event["error"]) == (
        "login",
        "login failed",
        "the portal is away",
    )


def test_a_request_to_stop_passes_through_the_isolation_of_units(run):
    with pytest.raises(Interrupted), run.unit(Phase.REPORT, "A668"):
        raise Interrupted("stopped by SIGTERM")


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        pytest.param([], ExitCode.OK, id="nothing failed"),
        pytest.param([TemporaryError("later")], ExitCode.TEMPORARY, id="owed"),
        pytest.param(
            [ValueError("bug"), TemporaryError("later")],
            ExitCode.BUG,
            id="a bug outranks what is owed",
        ),
        pytest.param(
            [ConfigurationError("no"), ValueError("bug"), TemporaryError("later")],
            ExitCode.CONFIGURATION,
            id="what a person must change outranks all",
        ),
    ],
)
def test_the_exit_code_is_the_most_serious_ending(run, errors, expected):
    for error in errors:
        run.fail(Phase.REPORT, "A668", error)

    assert run.exit_code is expected


def test_an_unforeseen_error_never_brings_its_text_into_the_record(run):
    with run.unit(Phase.INGEST, Bucket.MISSED_LEADS):
        raise ValueError("customer 9999900000 is odd")

    assert "9999900000" not in run.outcomes[0].reason
    assert run.outcomes[0].reason.startswith("ValueError at ")


def test_findings_to_read_become_outcomes_and_information_does_not(run):
    findings = [
        Finding(Status.OK, "the cell is always empty", "A668"),
        Finding(Status.WARNING, "2 rows rejected", "A668", Bucket.MISSED_LEADS),
    ]

    run.report(Phase.MERGE, findings)

    assert run.outcomes == [
        Outcome(Phase.MERGE, Status.WARNING, "A668 missed_leads", "2 rows rejected")
    ]
    assert run.exit_code is ExitCode.OK


def test_what_goes_on_counts_to_the_time_of_its_phase(run, monkeypatch):
    clock = iter(range(0, 1_000, 10))
    monkeypatch.setattr("lib.run.record.time.monotonic", lambda: next(clock))
    with run.part(Phase.SCRAPE):
        assert run.spent_s() == {Phase.SCRAPE: 10}
    with run.phase(Phase.DOWNLOAD):
        assert run.spent_s() == {Phase.SCRAPE: 20, Phase.DOWNLOAD: 10}
    with run.phase(Phase.SCRAPE):
        assert run.spent_s() == {Phase.SCRAPE: 30, Phase.DOWNLOAD: 20}

    assert run.spent_s() == run.durations_s == {Phase.DOWNLOAD: 20, Phase.SCRAPE: 40}
