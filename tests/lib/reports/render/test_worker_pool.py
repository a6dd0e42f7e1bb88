"""Real processes; what they draw is decided by the page's text."""

import logging
import os
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.reports.render.worker_pool import GivenUp, PageFailed, Worker, crew

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[4]
WHAT_A_WORKER_IMPORTS = """
import sys
started = []
sys.addaudithook(lambda event, args: started.append(args[0]) if event == "subprocess.Popen" else None)
import lib.reports.backends, lib.reports.pdf, lib.reports.workers
print(started, {"sqlalchemy", "psycopg2", "environs", "loguru", "httpx", "pygal", "jinja2"} & sys.modules.keys())
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
        case ["chatter"]:
            print("a customer's name")  # noqa: T201
            warnings.warn("a customer's name", stacklevel=1)
            logging.getLogger("weasyprint").error("a customer's name")
            os.write(2, b"a customer's name")
    return f"{html} by {os.getpid()}".encode()


def author(pdf: bytes) -> str:
    return pdf.decode().partition(" by ")[2]


@pytest.fixture
def worker():
    made = Worker(draw)
    yield made
    made.stop()


def test_a_worker_draws_page_after_page_in_one_process(worker):
    first, second = worker.draw("one"), worker.draw("two")
    assert first.startswith(b"one by ")
    assert author(first) == author(second) != str(os.getpid())


def test_a_worker_imports_no_more_than_it_draws_with_and_starts_no_program_for_it():
    command = [sys.executable, "-c", WHAT_A_WORKER_IMPORTS]
    assert (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[] set()\n"
    )


def test_what_a_library_says_while_it_draws_is_not_heard(worker, capfd):
    assert worker.draw("chatter").startswith(b"chatter by ")
    worker.stop()
    assert capfd.readouterr() == ("", "")


def test_a_page_that_cannot_be_drawn_is_told_without_its_content(worker):
    before = author(worker.draw("fine"))
    with pytest.raises(PageFailed, match=r"^ValueError at draw") as failure:
        worker.draw("fail")
    assert "customer" not in str(failure.value)
    assert author(worker.draw("fine")) == before


def test_a_page_that_kills_its_process_costs_only_itself(worker):
    with pytest.raises(PageFailed, match="the process that drew the page ended"):
        worker.draw("die")
    assert worker.draw("fine").startswith(b"fine")


def test_a_page_that_hangs_is_stopped_and_costs_only_itself():
    worker = Worker(draw, timeout_s=0.2)
    with pytest.raises(PageFailed, match=r"more than 0\.2 s"):
        worker.draw("hang")
    worker._timeout_s = 60
    assert worker.draw("fine").startswith(b"fine")
    worker.stop()


def test_a_worker_is_replaced_after_its_share_of_pages():
    worker = Worker(draw, pages=2)
    first, second, third = (author(worker.draw("page")) for _ in range(3))
    assert first == second != third
    worker.stop()


def test_a_crew_ends_its_processes_and_removes_what_they_wrote():
    with crew(draw, 2) as workers:
        pid = int(author(workers.draw("page")))
        directories = [
            w._directory.name for w in (workers._idle.get(), workers._idle.get()) if w._directory
        ]
        assert directories
    assert not any(os.path.exists(directory) for directory in directories)  # noqa: PTH110
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stop_at_the_terminal_does_not_reach_a_page_that_is_drawn():
    """Ctrl-C and a closed terminal go to every process there; a worker must not die before its owner decides."""
    command = [sys.executable, "-m", "tests.lib.reports.render.drawn_at_a_terminal"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("fine\n", "")


def test_pages_that_are_given_up_are_told_as_such_and_not_as_failed():
    with crew(draw, 1) as workers, ThreadPoolExecutor(2) as threads:
        drawing = threads.submit(workers.draw, "hang")
        while not workers._workers[0]._process or not workers._workers[0]._process.is_alive():
            time.sleep(0.01)
        waiting = threads.submit(workers.draw, "fine")
        workers.give_up()
        with pytest.raises(GivenUp, match="stopped while the page was drawn"):
            drawing.result()
        with pytest.raises(GivenUp, match="stopped before the page was drawn"):
            waiting.result()
