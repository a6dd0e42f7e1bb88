"""The one logger: a closed list of fields, one JSON object a line, nobody's data."""

import json
import logging
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from loguru import logger

from lib import log
from lib.errors import ConfigurationError, TemporaryError
from lib.model import Phase

CANARY = "Asha Example +91-9000000001"
DAY_S = 24 * 60 * 60
ALWAYS = ["ts", "level", "pipeline_name", "run_id", "phase", "status", "message"]


@pytest.fixture
def lines(capsys):
    """Start the log; return a function that gives the events since the last call as objects."""
    handlers, level = logging.root.handlers[:], logging.root.level
    log.start(pipeline_name="simplify_dashboard_daily", run_id="R1")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    logger.remove()
    logging.captureWarnings(False)
    logging.root.handlers[:], logging.root.level = handlers, level


def without_time(events):
    return [{name: value for name, value in event.items() if name != "ts"} for event in events]


FIXED = {"pipeline_name": "simplify_dashboard_daily", "run_id": "R1", "phase": "preflight"}


class TestLine:
    """What a line consists of."""

    def test_the_four_kinds_of_event(self, lines):
        log.info("a")
        log.ok("b")
        log.warning("c")
        log.error("d")

        assert without_time(lines()) == [
            {"level": "info", **FIXED, "status": "info", "message": "a"},
            {"level": "info", **FIXED, "status": "ok", "message": "b"},
            {"level": "warning", **FIXED, "status": "warning", "message": "c"},
            {"level": "error", **FIXED, "status": "error", "message": "d"},
        ]

    def test_the_fixed_fields_come_first_and_in_order(self, lines):
        log.ok("done", store_code="A668")
        [event] = lines()

        assert list(event) == [*ALWAYS, "store_code"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["ts"])

    def test_every_field_has_its_form(self, lines):
        log.ok(
            "done",
            store_code="A668",
            bucket="missed_leads",
            report_date=date(2025, 11, 14),
            counts=MappingProxyType({"read": 3, "share": Decimal("0.5")}),
            duration_ms=12,
            path=Path("var/reports/2025/A668_2025-11-14.pdf"),
            error=TemporaryError("the portal is away"),
        )
        assert without_time(lines()) == [
            {
                "level": "info",
                **FIXED,
                "status": "ok",
                "message": "done",
                "store_code": "A668",
                "bucket": "missed_leads",
                "report_date": "2025-11-14",
                "counts": {"read": 3, "share": "0.5"},
                "duration_ms": 12,
                "path": "var/reports/2025/A668_2025-11-14.pdf",
                "error_type": "TemporaryError",
                "error": "the portal is away",
            }
        ]

    @pytest.mark.parametrize(
        "message", ["{0} {name} {}", "two\nlines", "<red>₹</red> दुकान", '"quoted"', "\x1b[31m"]
    )
    def test_any_message_is_one_line_and_taken_to_the_letter(self, lines, message):
        log.info(message)
        assert [event["message"] for event in lines()] == [message]

    def test_a_field_that_is_not_on_the_list_is_a_bug(self, lines):
        with pytest.raises(
            TypeError, match=r"not a log field: mobile_no, name; lib\.log\.Fields lists them"
        ):
            log.info("done", name=CANARY, mobile_no=CANARY, store_code="A668")
        assert lines() == []

    @pytest.mark.usefixtures("lines")
    def test_beside_a_document_on_stdout_events_go_to_stderr(self, capsys):
        log.start(pipeline_name="status", run_id="R1", aside=True)
        log.info("beside")
        out, err = capsys.readouterr()

        assert (out, json.loads(err)["message"]) == ("", "beside")

    def test_starting_again_replaces_the_names_and_doubles_no_line(self, lines):
        log.start(pipeline_name="status", run_id="R2")
        log.info("once")

        assert [(event["pipeline_name"], event["run_id"]) for event in lines()] == [
            ("status", "R2")
        ]


class TestPhase:
    """Which step of the run an event belongs to."""

    def test_phases_nest_and_are_restored_also_by_an_error(self, lines):
        def fail_to_log_in():
            with log.phase(Phase.LOGIN):
                log.info("inner")
                raise ValueError("stop")

        with log.phase(Phase.DOWNLOAD):
            log.info("outer")
            with pytest.raises(ValueError, match="stop"):
                fail_to_log_in()
            log.info("outer again")
        log.info("outside")
        assert [(event["phase"], event["message"]) for event in lines()] == [
            ("download", "outer"),
            ("login", "inner"),
            ("download", "outer again"),
            ("preflight", "outside"),
        ]

    def test_worker_threads_are_in_the_phase_of_their_run(self, lines):
        with log.phase(Phase.SCRAPE), ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda code: log.ok("read", store_code=code),
                    [f"A{number}" for number in range(50)],
                )
            )
        events = lines()

        assert {(event["phase"], event["run_id"]) for event in events} == {("scrape", "R1")}
        assert sorted(event["store_code"] for event in events) == sorted(
            f"A{number}" for number in range(50)
        )

    def test_a_thread_may_work_for_a_later_phase_than_its_run_is_in(self, lines):
        def make_a_report():
            with log.phase_of_thread(Phase.REPORT):
                log.ok("made")
            log.ok("idle")

        with log.phase(Phase.DOWNLOAD), ThreadPoolExecutor(1) as pool:
            pool.submit(make_a_report).result()
            log.ok("downloaded")
        assert [(event["phase"], event["message"]) for event in lines()] == [
            ("report", "made"),
            ("download", "idle"),
            ("download", "downloaded"),
        ]


class TestPrivacy:
    """Whatever happens, nobody's data comes out."""

    def test_an_error_of_a_library_is_told_without_its_text(self, lines):
        log.error("failed", error=ValueError(CANARY))
        [event] = lines()

        assert (event["error_type"], event["error"]) == (
            "ValueError",
            "ValueError at an unknown place",
        )

    def test_of_a_library_s_message_only_the_sender_is_told(self, lines):
        def library_function():
            error = ValueError(CANARY)
            logging.getLogger("some.library").error(
                "row %s", CANARY, exc_info=error, extra={"row": CANARY}
            )

        library_function()
        assert [event["message"] for event in lines()] == [
            "the library some.library reports a problem (error, library_function)"
        ]

    def test_a_library_s_chatter_is_not_heard(self, lines):
        logging.getLogger("httpx").info("GET http://user:%s@h", CANARY)
        logging.getLogger("some.library").debug(CANARY)

        assert lines() == []


class TestCopy:
    """The same lines in JSON_LOG_FILE."""

    def test_the_file_gets_the_same_lines_for_its_owner_only(self, lines, tmp_path):
        file = tmp_path / "logs" / "daily.json"
        log.copy_to(file, retention_days=30)
        log.info("one")
        log.error("two", error=ValueError(CANARY))

        assert [
            json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()
        ] == lines()
        assert file.stat().st_mode & 0o777 == 0o600

    @pytest.mark.usefixtures("lines")
    def test_an_older_file_is_continued_and_closed_to_others(self, tmp_path):
        file = tmp_path / "daily.json"
        file.write_text('{"message": "old"}\n')
        file.chmod(0o644)
        log.copy_to(file, retention_days=30)
        log.info("new")

        assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == [
            "old",
            "new",
        ]
        assert file.stat().st_mode & 0o777 == 0o600

    def test_yesterday_s_lines_move_to_a_file_of_their_own_and_the_oldest_files_go(
        self, lines, tmp_path
    ):
        for name, age_days in {
            "daily.json": 1,
            "daily.2025-11-08.json": 6,
            "daily.2025-11-06.json": 8,
        }.items():
            (tmp_path / name).write_text(f'{{"message": "{name}"}}\n')
            os.utime(tmp_path / name, (time.time() - age_days * DAY_S,) * 2)
        log.copy_to(tmp_path / "daily.json", retention_days=7)
        log.info("new")
        kept = [json.loads(file.read_text())["message"] for file in sorted(tmp_path.iterdir())]

        assert sorted(kept) == ["daily.2025-11-08.json", "daily.json", "new"]
        assert (
            lines()[0]["message"]
            == json.loads((tmp_path / "daily.json").read_text())["message"]
            == "new"
        )

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            pytest.param("", "Is a directory", id="directory"),
            pytest.param("file/daily.json", "File exists", id="parent-is-a-file"),
            pytest.param("file/logs/daily.json", "Not a directory", id="grandparent-is-a-file"),
        ],
    )
    @pytest.mark.usefixtures("lines")
    def test_a_file_that_cannot_be_written_is_a_configuration_error(self, tmp_path, name, reason):
        (tmp_path / "file").touch()
        file = tmp_path / name
        with pytest.raises(ConfigurationError) as refusal:
            log.copy_to(file, retention_days=30)

        assert str(refusal.value) == (
            f"JSON_LOG_FILE names {file}, which cannot be written ({reason}); change the name or its directory"
        )


@pytest.mark.integration
def test_what_python_itself_would_print_is_told_without_its_text():
    program = f"""
import threading, warnings
from lib import log
log.start(pipeline_name="x", run_id="R1")
log.catch_strays()
warnings.warn({CANARY!r})
def die(): raise ValueError({CANARY!r})
thread = threading.Thread(target=die)
thread.start()
thread.join()
class Thing:
    def __del__(self): raise ValueError({CANARY!r})
Thing()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert [json.loads(line)["message"].split(" (")[0] for line in done.stdout.splitlines()] == [
        "the library py.warnings reports a problem",
        "a thread died of an unexpected error; this is a bug",
        "an error was lost while an object was removed",
    ]
    assert done.stderr == ""


@pytest.mark.integration
def test_an_event_that_cannot_be_written_tells_no_more_on_stderr():
    """Loguru prints all that it holds of an event when a disk is full or the reader of stdout is gone."""
    program = f"""
from lib import log
log.start(pipeline_name="x", run_id="R1")
log.error("failed", error=ValueError({CANARY!r}))
"""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert "No space left on device" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.integration
def test_nothing_more_is_said_once_nobody_reads_stdout():
    program = """
from lib import log
log.start(pipeline_name="x", run_id="R1")
for _ in range(3): log.info("heard by nobody")
"""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    os.close(writing)

    assert done.stderr == ""
