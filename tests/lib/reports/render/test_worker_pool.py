"""Real processes; what they draw is decided by the page's text."""

import errno
import hashlib
import logging
import multiprocessing.context
import os
import signal
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from lib.errors import TemporaryError
from lib.reports.render.drawer import Cancelled, PageFailed
from lib.reports.render.drawing_process import DrawingProcess
from lib.reports.render.pdf_check import Expected
from lib.reports.render.worker_pool import worker_pool
from tests.factories.pdfs import pdf

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]

EXPECTED = Expected("A668", "2025-11-14", "20251115-061500-3f9a1c", frozenset())
WHAT_A_PROCESS_IMPORTS = """
import sys
started = []
sys.addaudithook(lambda event, args: started.append(args[0]) if event == "subprocess.Popen" else None)
import lib.reports.render.engines, lib.reports.render.weasyprint_engine, lib.reports.render.drawing_process
print(started, {"sqlalchemy", "psycopg2", "environs", "loguru", "httpx", "jinja2"} & sys.modules.keys())
"""


def draw(html: str) -> bytes:
    """Do what the page says."""
    match html.split():
        case ["die"]:
            os._exit(9)
        case ["hang"]:
            time.sleep(600)
        case ["fail"]:
            raise ValueError("a customer's name")
        case ["blank"]:
            return b""
        case ["another"]:
            return pdf(EXPECTED, StoreCode="A817")
        case ["chatter"]:
            print("a customer's name")  # noqa: T201
            warnings.warn("a customer's name", stacklevel=1)
            logging.getLogger("weasyprint").error("a customer's name")
            os.write(2, b"a customer's name")
    return pdf(EXPECTED, Author=f"{os.getpid()}", Subject=html)


def said(drawn, name):
    return PdfReader(BytesIO(drawn.content)).metadata[f"/{name}"]


def author(drawn):
    return said(drawn, "Author")


@pytest.fixture
def process():
    made = DrawingProcess(draw)
    yield made
    made.stop()


def test_one_process_draws_page_after_page(process):
    first, second = process.draw("one", EXPECTED), process.draw("two", EXPECTED)

    assert [said(drawn, "Subject") for drawn in (first, second)] == ["one", "two"]
    assert author(first) == author(second) != str(os.getpid())


def test_the_checksum_is_that_of_the_bytes_that_were_checked(process):
    drawn = process.draw("page", EXPECTED)
    assert drawn.checksum == hashlib.sha256(drawn.content).hexdigest()


def test_a_process_imports_no_more_than_it_draws_with_and_starts_no_program_for_it():
    command = [sys.executable, "-c", WHAT_A_PROCESS_IMPORTS]
    assert (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[] set()\n"
    )


def test_what_a_library_says_while_it_draws_is_not_heard(process, capfd):
    assert said(process.draw("chatter", EXPECTED), "Subject") == "chatter"
    process.stop()

    assert capfd.readouterr() == ("", "")


def test_a_page_that_cannot_be_drawn_fails_without_its_content(process):
    before = author(process.draw("fine", EXPECTED))
    with pytest.raises(PageFailed, match=r"^ValueError at draw") as failure:
        process.draw("fail", EXPECTED)

    assert "customer" not in str(failure.value)
    assert author(process.draw("fine", EXPECTED)) == before


@pytest.mark.parametrize(
    ("page", "reason"),
    [("blank", "blank or partial"), ("another", "storecode 'A817' where 'A668' was asked for")],
)
def test_a_page_that_is_not_what_was_asked_for_is_refused_where_it_is_drawn(process, page, reason):
    before = author(process.draw("fine", EXPECTED))
    with pytest.raises(PageFailed, match=reason):
        process.draw(page, EXPECTED)

    assert author(process.draw("fine", EXPECTED)) == before


def test_a_page_that_kills_its_process_costs_only_itself(process):
    with pytest.raises(PageFailed, match="the process that drew the page ended"):
        process.draw("die", EXPECTED)
    assert process.draw("fine", EXPECTED).content


def test_a_page_that_hangs_is_stopped_and_costs_only_itself():
    process = DrawingProcess(draw, timeout_s=0.2)
    with pytest.raises(PageFailed, match=r"more than 0\.2 s"):
        process.draw("hang", EXPECTED)
    process._timeout_s = 60

    assert process.draw("fine", EXPECTED).content
    process.stop()


def test_a_process_is_replaced_after_its_share_of_pages():
    process = DrawingProcess(draw, pages=2)
    first, second, third = (author(process.draw("page", EXPECTED)) for _ in range(3))

    assert first == second != third
    process.stop()


@pytest.fixture
def limit_of_processes(monkeypatch):
    """No process can be started, as at the limit of a container."""

    def refuse(process):
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(multiprocessing.context.SpawnProcess, "start", refuse)
    return monkeypatch


def test_a_process_that_cannot_be_started_costs_a_page_and_not_the_run(limit_of_processes):
    with worker_pool(draw, 1) as pool:
        for _ in range(2):
            with pytest.raises(TemporaryError, match="limit of processes"):
                pool.draw("page", EXPECTED)
        pool.cancel()


def test_once_processes_can_be_started_again_the_next_page_is_drawn(limit_of_processes):
    process = DrawingProcess(draw)
    with pytest.raises(TemporaryError):
        process.draw("page", EXPECTED)
    limit_of_processes.undo()

    assert process.draw("page", EXPECTED).content
    process.stop()


def test_a_process_that_cannot_be_started_leaves_no_directory(limit_of_processes, tmp_path):
    limit_of_processes.setattr("tempfile.tempdir", str(tmp_path))
    process = DrawingProcess(draw)
    with pytest.raises(TemporaryError):
        process.draw("page", EXPECTED)

    assert list(tmp_path.iterdir()) == []
    process.stop()


def test_a_pool_ends_its_processes_and_removes_what_they_wrote():
    with worker_pool(draw, 2) as pool:
        pid = int(author(pool.draw("page", EXPECTED)))
        directories = [each._directory.name for each in pool._drawers if each._directory]
        assert directories

    assert not any(os.path.exists(directory) for directory in directories)  # noqa: PTH110
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_of_an_owner_that_is_killed_while_a_page_is_drawn_nothing_is_left(tmp_path):
    place = tmp_path / "tmp"
    place.mkdir()
    command = [sys.executable, "-m", "tests.lib.reports.render.killed_while_drawing"]
    done = subprocess.run(
        [*command, tmp_path / "drawing"],
        env={**os.environ, "TMPDIR": str(place)},
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "drawing").exists()

    deadline = time.monotonic() + 60
    while list(place.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(place.iterdir()) == []


def test_a_stop_at_the_terminal_does_not_reach_a_page_that_is_drawn():
    """Ctrl-C and a closed terminal go to every process there.

    Only the pool's owner may end its processes.
    """
    command = [sys.executable, "-m", "tests.lib.reports.render.drawn_at_a_terminal"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)

    assert (done.stdout, done.stderr) == ("True\n", "")


def test_pages_that_are_cancelled_are_known_as_such_and_not_as_failed():
    with worker_pool(draw, 1) as pool, ThreadPoolExecutor(2) as threads:
        drawing = threads.submit(pool.draw, "hang", EXPECTED)
        while not pool._drawers[0]._process or not pool._drawers[0]._process.is_alive():
            time.sleep(0.01)
        waiting = threads.submit(pool.draw, "fine", EXPECTED)
        pool.cancel()
        with pytest.raises(Cancelled, match="stopped while the page was drawn"):
            drawing.result()
        with pytest.raises(Cancelled, match="stopped before the page was drawn"):
            waiting.result()


def test_a_process_that_is_killed_before_it_starts_draws_nothing(process):
    process.kill()
    with pytest.raises(PageFailed, match="stopped while the process started"):
        process.draw("hang", EXPECTED)

    assert process._process is None
