"""A job as its scheduler sees it.

A process with an exit code, lines on stdout and nothing on stderr.
"""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib import cli
from lib.errors import UsageError

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
CANARY = "Asha Example +91-9000000001"
PROBE = '''"""Do what the test asks for.

Example:
  python -m jobs.probe --stores A668
"""
import os, signal, sys, threading, time
from lib import cli, errors, log
from lib.config import Need

def options(parser):
    cli.add_stores(parser)
    cli.add_run_id(parser)
    cli.add_switch(parser, "--dry-run", "change nothing")

def work(settings, args):
    log.info(" ".join(cli.chosen(settings.stores, args.stores)))
    {body}
    return errors.ExitCode.OK

cli.main("probe", __doc__, options=options, needs=lambda args: {needs}, work=work)
'''


@dataclass(frozen=True)
class Ending:
    """What was left of a process."""

    code: int
    events: list
    stdout: str
    stderr: str

    @property
    def messages(self):
        return [event["message"] for event in self.events]


@pytest.fixture
def probe(tmp_path):
    """Return a function that runs a job with the given body, flags and variables and tells how it ended."""

    def run(*flags, body="pass", needs="[Need.STORES]", **given):
        process = start(tmp_path, flags, body, needs, given)
        stdout, stderr = process.communicate(timeout=300)
        return ending(process.returncode, stdout, stderr)

    return run


def start(directory, flags, body, needs, given):
    script = directory / "probe.py"
    script.write_text(PROBE.format(body=body, needs=needs))
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "STORES_LIST": "A668,A817",
    } | given
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, script, *flags], cwd=directory, env=environ, **pipes)


def ending(code, stdout, stderr):
    events = [json.loads(line) for line in stdout.splitlines() if line.startswith("{")]
    return Ending(code, events, stdout, stderr)


class TestUsage:
    """The command line itself."""

    def test_help_is_the_docstring_with_every_option(self, probe):
        done = probe("--help")

        assert (done.code, done.stderr) == (0, "")
        assert done.stdout == (
            "usage: python -m jobs.probe [-h] [--stores CODES] [--run-id ID] [--dry-run]\n"
            "\n"
            "Do what the test asks for.\n"
            "\n"
            "Example:\n"
            "  python -m jobs.probe --stores A668\n"
            "\n"
            "options:\n"
            "  -h, --help      show this help message and exit\n"
            "  --stores CODES  only these of the configured stores: A668,A817\n"
            "  --run-id ID     name the run (default: its start in UTC)\n"
            "  --dry-run       change nothing\n"
        )

    @pytest.mark.parametrize(
        ("flags", "complaint"),
        [
            pytest.param(["--colour"], "unrecognized arguments: --colour", id="unknown-flag"),
            pytest.param(["--dry"], "unrecognized arguments: --dry", id="abbreviation"),
            pytest.param(
                ["A668"], "unrecognized arguments: 1 word that is no flag\n", id="stray-word"
            ),
            pytest.param(
                ["--password", CANARY, f"--token={CANARY}", f"DATABASE_URL={CANARY}"],
                "unrecognized arguments: --password, --token, 2 words that are no flag\n",
                id="secrets",
            ),
            pytest.param(
                ["--run-id", ""], "argument --run-id: a run id has 1 to 64", id="empty-id"
            ),
            pytest.param(
                ["--run-id", "x" * 65], "argument --run-id: a run id has 1 to 64", id="long-id"
            ),
            pytest.param(
                ["--run-id", "../x"], "argument --run-id: a run id has 1 to 64", id="path-as-id"
            ),
            pytest.param(
                ["--run-id", ".."], "argument --run-id: a run id has 1 to 64", id="dots-as-id"
            ),
            pytest.param(
                ["--run-id", "nöel"], "argument --run-id: a run id has 1 to 64", id="not-ascii"
            ),
            pytest.param(
                ["--stores", " , "], "argument --stores: name at least one store", id="no-store"
            ),
        ],
    )
    def test_a_wrong_command_line_is_refused_before_anything_is_read(self, probe, flags, complaint):
        done = probe(*flags, STORES_LIST="")

        assert (done.code, done.stdout) == (2, "")
        assert complaint in done.stderr
        assert CANARY not in done.stderr

    def test_a_store_that_is_not_configured_is_wrong_usage(self, probe):
        done = probe("--stores", "A668,T105")
        assert (done.code, done.messages) == (
            2,
            ["--stores names T105, but the configured stores are A668, A817"],
        )


def test_no_job_nor_what_it_starts_leaves_a_core_dump(probe):
    body = "import resource; log.info(str(resource.getrlimit(resource.RLIMIT_CORE)))"
    assert probe(body=body).messages[-1] == "(0, 0)"


class TestEndings:
    """Every ending has its exit code, and says nothing but JSON lines on stdout."""

    def test_a_good_end(self, probe):
        done = probe("--run-id", "R1")

        assert (done.code, done.stderr, done.messages) == (0, "", ["A668 A817"])
        assert {name: done.events[0][name] for name in ("pipeline_name", "run_id", "phase")} == {
            "pipeline_name": "probe",
            "run_id": "R1",
            "phase": "preflight",
        }

    @pytest.mark.parametrize(
        ("error", "code"),
        [("TemporaryError", 75), ("ConfigurationError", 78), ("UsageError", 2), ("JobError", 1)],
    )
    def test_a_foreseen_end_says_why(self, probe, error, code):
        done = probe(body=f"raise errors.{error}('the thing; the next step')")

        assert (done.code, done.stderr) == (code, "")
        assert [
            done.events[-1][name] for name in ("level", "status", "message", "error_type", "error")
        ] == [
            "error",
            "error",
            "the thing; the next step",
            error,
            "the thing; the next step",
        ]

    def test_the_next_step_is_what_people_type_here(self, probe):
        body = "raise errors.ConfigurationError('no table; run: python -m jobs.migrate --check')"
        done = probe(body=body, JOB_COMMAND="simplify {job}")

        assert done.messages[-1] == "no table; run: simplify migrate --check"
        assert done.events[-1]["error"] == done.messages[-1]

    def test_a_bug_ends_without_traceback_or_data(self, probe):
        done = probe(body=f"int({CANARY!r})")

        assert (done.code, done.stderr) == (1, "")
        assert done.messages[-1] == "unexpected error; this is a bug"
        assert re.fullmatch(r"ValueError at \w+ \(\S+:\d+\)", done.events[-1]["error"])
        assert CANARY not in done.stdout

    def test_a_full_disk_is_no_bug_and_another_start_may_find_room(self, probe):
        done = probe(body="print('x', file=open('/dev/full', 'w'), flush=True)")

        assert (done.code, done.stderr) == (75, "")
        assert (
            done.messages[-1]
            == "the machine is out of disk space, memory or files; make room, then run again"
        )
        assert done.events[-1]["error"] == "OSError: No space left on device"

    def test_a_bug_in_a_thread_leaks_nothing(self, probe):
        thread = f"threading.Thread(target=int, args=[{CANARY!r}])"
        done = probe(body=f"thread = {thread}; thread.start(); thread.join()")

        assert (done.code, done.stderr) == (0, "")
        assert CANARY not in done.stdout

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=str)
    def test_a_stop_is_temporary_and_undisturbed_by_more_of_them(self, tmp_path, number):
        body = (
            "exec('try:\\n  log.info(\"ready\"); time.sleep(30)\\n"
            "finally:\\n  os.kill(os.getpid(), signal.SIGTERM); log.info(\"written down\")')"
        )  # fmt: skip
        process = start(tmp_path, [], body, "[]", {})
        for line in process.stdout:
            if "ready" in line:
                process.send_signal(number)
                break
        stdout, stderr = process.communicate(timeout=300)
        done = ending(process.returncode, stdout, stderr)

        assert (done.code, done.stderr) == (75, "")
        assert done.messages == [
            "written down",
            f"stopped by {number.name}; the next run does what is still owed",
        ]


class TestStreams:
    """What a job is started with is not its business: a run must not die of a stream."""

    @pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    def test_a_closed_stream_is_nobody_s_file(self, tmp_path, closed):
        body = """
    with open("kept", "w") as file: file.write("mine")
    print("lost", file=sys.stderr); os.write(1, b""); os.write(2, b""); log.info("told")"""
        (tmp_path / "probe.py").write_text(PROBE.format(body=body, needs="[]"))
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        command = f"{sys.executable} probe.py {closed}"

        assert (
            subprocess.run(
                ["sh", "-c", command], cwd=tmp_path, env=environ, check=False, timeout=300
            ).returncode
            == 0
        )
        assert (tmp_path / "kept").read_text() == "mine"

    def test_nobody_need_read_to_the_end(self, tmp_path):
        body = "from lib import terminal; sys.stdin.readline(); terminal.say('x' * 100_000); terminal.say('y')"
        (tmp_path / "probe.py").write_text(PROBE.format(body=body, needs="[]"))
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen([sys.executable, "probe.py"], cwd=tmp_path, env=environ, **pipes)
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.close()

        assert (process.stderr.read(), process.wait(timeout=300)) == (b"", 0)
        process.stderr.close()

    def test_an_alphabet_that_the_stream_does_not_have_is_escaped(self, probe):
        done = probe(body="log.info('₹ 5')", PYTHONIOENCODING="ascii")
        assert (done.code, done.messages[-1], done.stderr) == (0, "₹ 5", "")


class TestPreflight:
    """Nothing starts with settings that are missing, wrong or contradictory."""

    def test_a_refusal_names_everything(self, probe):
        done = probe(
            needs="list(Need)", stores_list="A668", RUN_ENV="test", REPORT_EMAIL_SMTP_HOST="h"
        )

        assert (done.code, done.stderr) == (78, "")
        assert done.messages == [
            "RUN_ENV is 'test'; it must be one of dev, local, prod",
            "STORES_LIST and stores_list contradict each other; unset stores_list",
            "DATABASE_URL is missing: postgresql://user:password@host/database",
            "REPORT_STORES_LIST is missing: list the stores that get reports",
            "REPORT_EMAIL_FROM is missing: the address that our mail comes from",
            "DRAW_SCHEDULER is missing: tls://10.0.0.1:8786, with the main host's address",
            "DRAW_TLS_CA is missing: the file with the CA of the hosts that draw",
            "DRAW_TLS_CERT is missing: the file with the certificate of this host and its key",
            "no complete portal credentials: set TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD of one store",
            "refused before any work: 9 problems with the settings",
        ]
        assert {event["level"] for event in done.events} == {"error"}

    def test_one_problem_is_one(self, probe):
        assert (
            probe(STORES_LIST="").messages[-1]
            == "refused before any work: 1 problem with the settings"
        )

    def test_names_set_in_vain_are_warnings(self, probe):
        done = probe(TD_TYPO="x", REPORT_EMAIL_TO="someone@example.invalid")

        assert (done.code, [event["level"] for event in done.events]) == (
            0,
            ["warning", "warning", "info"],
        )
        assert "someone@example.invalid" not in done.stdout

    def test_the_log_is_copied_where_the_settings_say(self, probe, tmp_path):
        done = probe(JSON_LOG_FILE="logs/probe.json")
        copied = (tmp_path / "logs/probe.json").read_text().splitlines()

        assert [json.loads(line) for line in copied] == done.events

    def test_a_log_file_that_cannot_be_written_is_a_refusal(self, probe):
        done = probe(JSON_LOG_FILE="probe.py/log.json")
        refusal = "JSON_LOG_FILE names probe.py/log.json, which cannot be written (File exists)"

        assert (done.code, done.messages) == (78, [f"{refusal}; change the name or its directory"])


class TestRunId:
    """The name of a run."""

    def test_it_is_the_start_in_utc(self):
        at = datetime.fromisoformat("2025-11-15T08:00:00.000123+05:30")
        assert cli.new_run_id(at) == "20251115_023000000123"

    def test_every_line_has_one(self, probe):
        before = cli.new_run_id(datetime.now(UTC))
        [event] = probe().events

        assert before < event["run_id"] < cli.new_run_id(datetime.now(UTC))


class TestChosen:
    """Which of the configured stores a run is for."""

    CONFIGURED = ("A668", "A817", "T105")

    @pytest.mark.parametrize(
        ("selection", "expected"),
        [
            pytest.param((), ("A668", "A817", "T105"), id="all"),
            pytest.param(("T105", "A668"), ("A668", "T105"), id="some-in-the-configured-order"),
        ],
    )
    def test_a_selection(self, selection, expected):
        assert cli.chosen(self.CONFIGURED, selection) == expected

    def test_strangers_are_named_all_at_once(self):
        with pytest.raises(
            UsageError,
            match="--stores names B002, X1, but the configured stores are A668, A817, T105",
        ):
            cli.chosen(self.CONFIGURED, ("B002", "A668", "X1"))

    def test_codes_may_be_typed_in_lower_case(self, probe):
        assert probe("--stores", "a817, a668,").messages == ["A668 A817"]
