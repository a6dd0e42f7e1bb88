"""When the reports of a daily run are begun."""

import json

import pytest

from lib import log
from lib.errors import ConfigurationError
from lib.model import Pipeline, Status
from lib.pipelines.early_reports import EarlyReports
from lib.reports.build.make import ReportOutcome


class Reports:
    """Stands for DailyReports: notes what is begun; refuses while `refusal` is set."""

    def __init__(self, refusal=None):
        self.begun = []
        self.refusal = refusal

    def begin(self, code):
        if self.refusal:
            raise self.refusal
        self.begun.append(code)

    def outcomes(self):
        return iter([ReportOutcome(code, Status.OK, None) for code in self.begun])


def codes(outcomes):
    return [outcome.store_code for outcome in outcomes]


def test_each_report_is_begun_once_and_the_rest_at_the_end():
    made = Reports()
    early = EarlyReports(made, ["A1", "A2", "A3"])
    early.begin(["A2", "Z9", "A2"])
    early.begin(["A2"])

    assert made.begun == ["A2"], "a store without a report has none to begin"
    assert sorted(early.owed) == ["A1", "A2", "A3"]
    assert codes(early.outcomes()) == ["A2", "A1", "A3"]


def test_what_is_begun_is_not_given_up():
    early = EarlyReports(Reports(), ["A1", "A2", "A3"])
    early.begin(["A1"])
    early.limit_to({"A3"})

    assert codes(early.outcomes()) == ["A1", "A3"]


def test_a_refusal_waits_until_all_is_read(capsys):
    log.start(pipeline_name=Pipeline.DAILY, run_id="r1")
    made = Reports(ConfigurationError("no Chromium found"))
    early = EarlyReports(made, ["A1", "A2"])
    for code in ("A1", "A2"):
        early.begin([code])
    [said] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert (said["phase"], said["level"]) == ("report", "warning")
    assert said["error"] == "no Chromium found"
    with pytest.raises(ConfigurationError):
        list(early.outcomes())
