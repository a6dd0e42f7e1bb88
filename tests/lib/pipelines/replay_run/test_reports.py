"""Which reports are made again, signed by whom, and what is compared with what; the PDF engine is left out."""

import hashlib
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from lib.model import Pipeline, RunRef, Status
from lib.pipelines.replay_run import reports
from lib.pipelines.replay_run.reports import MadeReports, ReportReplay
from lib.pipelines.replay_run.result import StoredReport, StoredRun
from lib.reports.build.make import ReportOutcome

ON = date(2025, 11, 16)
EARLIER_AT, AT = datetime(2025, 11, 17, 2, tzinfo=UTC), datetime(2025, 11, 17, 3, tzinfo=UTC)


def ref(pipeline=Pipeline.DAILY, run_id="run", at=AT):
    return RunRef(pipeline, run_id, "dev", ON, at)


def stored(code, signer, path=None, content=b"", figures=None):
    checksum = hashlib.sha256(content).hexdigest()
    return StoredReport(1, code, signer, path and str(path), checksum, figures or {}, AT)


def replay(run, reports_stored, *, report_stores=("A668", "A817"), root=None):
    settings = SimpleNamespace(report_stores=report_stores, zone=None)
    return ReportReplay(None, run, reports_stored, settings, root)


@pytest.fixture
def asked(monkeypatch):
    """What the builders of reports are asked for."""
    calls = []

    def build(name):
        def builder(_engine, signer, *arguments, **named):
            calls.append((name, signer.run_id, *arguments[:-1], named.get("done")))
            yield ReportOutcome(name, Status.OK, None)

        return builder

    for name in ("build_daily", "build_combined_daily", "build_period"):
        monkeypatch.setattr(reports, name, build(name))
    return calls


def test_each_report_of_a_day_is_signed_as_it_was_and_that_of_all_comes_last(asked):
    run, earlier = ref(), ref(run_id="earlier", at=EARLIER_AT)
    metrics = {"stores": {"expected": ["A668", "A817", "T105"]}, "may_close": True}
    made = [stored("ALL", run), stored("A668", run), stored("A817", earlier)]

    list(replay(StoredRun(run, "ok", AT, metrics), made)._outcomes())

    assert asked == [
        ("build_daily", "earlier", ["A817"], None),
        ("build_daily", "run", ["A668", "T105"], None),
        ("build_combined_daily", "run", ("A668", "A817", "T105"), None),
    ]


def test_of_a_week_only_what_there_was_is_made_and_all_stores_are_known(asked):
    run = ref(Pipeline.WEEKLY)
    metrics = {"stores_expected": ["A668"], "may_close": False}

    week = StoredRun(run, "ok", AT, metrics)
    list(replay(week, [stored("A668", run)])._outcomes())

    assert asked == [("build_period", "run", week.period, ("A668", "A817"), {"A817", "ALL"})]


@pytest.fixture
def as_lines(monkeypatch):
    monkeypatch.setattr(reports.pdf_text, "lines", lambda content: content.decode().splitlines())
    monkeypatch.setattr(ReportReplay, "_vocabulary", lambda *_: {"Good", "Critical"})


def texts(tmp_path, then, now, *, path="2025/A668.pdf", row_path=None, code="A668"):
    """Return what is found between two texts of a report."""
    place = tmp_path / path
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(then)
    new = tmp_path / "new.pdf"
    new.write_bytes(now)
    run = StoredRun(ref(), "ok", AT)
    row = SimpleNamespace(checksum=hashlib.sha256(now).hexdigest(), file_path=str(new))
    one = stored(code, run.ref, row_path or place, then)

    return replay(run, [one], root=tmp_path)._texts(MadeReports({code: row}, {}, {}))


@pytest.mark.usefixtures("as_lines")
class TestTexts:
    def test_the_same_bytes_are_the_same_text_also_without_the_file(self, tmp_path):
        found = texts(tmp_path, b"Good", b"Good", row_path="/nowhere/2025/B.pdf")

        assert (found.compared, found.differences, found.not_compared) == ("1 report", (), ())

    def test_known_words_are_shown_and_others_apart(self, tmp_path):
        (one,) = texts(tmp_path, b"Good 1\nZaorko", b"Critical 1").differences

        assert one.lines == ("- Good 1", "+ Critical 1")
        assert one.rows == ("- Zaorko",)

    def test_the_report_of_all_stores_has_no_customers(self, tmp_path):
        (one,) = texts(tmp_path, b"Riverside", b"Lotus", code="ALL").differences

        assert one.lines == ("- Riverside", "+ Lotus")

    def test_a_file_of_another_host_is_looked_for_below_our_root(self, tmp_path):
        found = texts(tmp_path, b"Good", b"Critical", row_path="/nowhere/2025/A668.pdf")

        assert [one.lines for one in found.differences] == [("- Good", "+ Critical")]

    def test_a_file_that_is_gone_is_not_compared(self, tmp_path):
        found = texts(tmp_path, b"Good", b"Critical", row_path="/nowhere/2025/B.pdf")

        assert (found.compared, found.differences) == ("", ())
        assert "A668 are not kept any more" in found.not_compared[0]

    def test_other_bytes_of_the_same_text_are_named_and_are_no_difference(self, tmp_path):
        found = texts(tmp_path, b"Good", b"Good\n")

        assert (found.compared, found.differences) == ("1 report", ())
        assert "say the same in other bytes" in found.not_compared[0]


def test_a_report_that_could_not_be_made_is_no_difference_and_one_without_data_is():
    run = StoredRun(ref(), "ok", AT)
    made = MadeReports({}, {"A817": "no dashboard is stored"}, {"A668": "drawing took too long"})
    kept = [stored(code, run.ref, figures={"sale": 1}) for code in ("A668", "A817")]

    figures, found = replay(run, kept).parts(made)

    assert [one.about for one in figures.differences] == ["A817"]
    assert figures.differences[0].lines == ("no report now: no dashboard is stored",)
    assert figures.not_compared == ("no report of A668 now: drawing took too long",)
    assert not found.differences
