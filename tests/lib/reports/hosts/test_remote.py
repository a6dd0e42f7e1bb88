"""The two sides of the wire, with the threads of this process as the worker host."""

import pickle
import threading
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor

import pytest

from lib.errors import TemporaryError
from lib.reports.hosts import pages, remote
from lib.reports.hosts.pages import NotHere, PageToDraw
from lib.reports.hosts.remote import Loss, Remote
from lib.reports.render.drawer import Cancelled, Drawn, HostLost, NotDrawn, PageFailed
from lib.reports.render.pdf_check import Expected
from lib.reports.render.worker_pool import WorkerPool

EXPECTED = Expected("A668", "2025-11-14", "20251115-061500-3f9a1c", frozenset())


class Local:
    """A process of this host, without one."""

    def __init__(self):
        self.pages = []

    def draw(self, html, _expected):
        self.pages.append(html)
        return Drawn(f"here: {html}".encode(), "checksum")

    def kill(self):
        pass

    def stop(self):
        pass


class Answers(Executor):
    """Does with each page what `end` does with its future."""

    def __init__(self, end):
        self.end = end
        self.pages = 0

    def submit(self, _function, _request):
        self.pages += 1
        future = Future()
        self.end(future)
        return future


class Host(Local):
    """What draws on the worker host: as the page says."""

    def draw(self, html, _expected):
        match html:
            case "bad":
                raise PageFailed("the page has no language")
            case "stopped":
                raise Cancelled("stopped while the page was drawn")
            case "no memory":
                raise TemporaryError("no drawing process could be started")
        return Drawn(f"there: {html}".encode(), "checksum")


@pytest.fixture
def host(monkeypatch):
    monkeypatch.setattr(pages._Offered, "pool", Host())
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def warnings(monkeypatch):
    heard = []
    monkeypatch.setattr(remote.log, "warning", lambda message, **_fields: heard.append(message))
    return heard


def answers_nothing(future):
    """Leave the future as it is: nobody answers."""


def test_a_page_is_drawn_on_the_worker_host(host):
    assert Remote(host, Loss()).draw("page", EXPECTED).content == b"there: page"


def test_a_page_that_is_to_blame_fails_as_it_would_here(host):
    place = Remote(host, Loss())
    with pytest.raises(PageFailed, match="the page has no language"):
        place.draw("bad", EXPECTED)

    assert place.draw("page", EXPECTED).content == b"there: page"


@pytest.mark.parametrize("page", ["stopped", "no memory"])
def test_a_page_that_its_host_is_to_blame_for_is_drawn_here_and_said_once(host, warnings, page):
    here, loss = Local(), Loss()
    pool = WorkerPool([Remote(host, loss), Remote(host, loss), here])
    drawn = [pool.draw(page, EXPECTED).content for _ in range(3)]

    assert drawn == [f"here: {page}".encode()] * 3
    (warning,) = warnings
    assert "it is drawn elsewhere" in warning
    assert not loss.is_declared


@pytest.mark.parametrize(
    "end",
    [
        lambda future: future.cancel(),
        lambda future: future.set_exception(CancelledError()),
        lambda future: future.set_exception(OSError("a customer's name")),
        lambda future: future.set_exception(TimeoutError()),
    ],
    ids=["cancelled", "cancelled by the engine", "broken", "too slow for the engine"],
)
def test_the_first_loss_is_final_and_no_page_is_lost(warnings, end):
    executor, here, loss = Answers(end), Local(), Loss()
    pool = WorkerPool([*remote.places(executor, loss, processes=2, most=9), here])
    pages = [f"page {number}" for number in range(5)]
    drawn = [pool.draw(page, EXPECTED).content for page in pages]

    assert drawn == [f"here: {page}".encode() for page in pages]
    assert executor.pages == 1
    (warning,) = warnings
    assert warning.startswith("the worker hosts are lost: ")
    assert "this host draws the rest alone" in warning
    assert "customer" not in warning


def test_a_page_that_the_engine_cancels_has_lost_its_scheduler(warnings):
    with pytest.raises(HostLost):
        Remote(Answers(lambda future: future.cancel()), Loss()).draw("page", EXPECTED)

    assert warnings[0].startswith(
        "the worker hosts are lost: the connection to their scheduler is gone; this host draws"
    )


def test_an_executor_that_takes_nothing_any_more_is_a_loss(warnings):
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(HostLost):
        Remote(executor, Loss()).draw("page", EXPECTED)

    assert len(warnings) == 1


def test_hosts_that_never_answer_are_a_loss_and_their_page_is_given_up(warnings):
    futures = []
    place = Remote(Answers(futures.append), Loss(), timeout_s=0.01)
    with pytest.raises(HostLost):
        place.draw("page", EXPECTED)

    assert futures[0].cancelled()
    assert "no answer within 0.01 s" in warnings[0]


def test_a_loss_reaches_the_pages_that_wait(warnings):
    begun, loss = threading.Event(), Loss()
    place = Remote(Answers(lambda _future: begun.set()), loss)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(place.draw, "page", EXPECTED)
        begun.wait()
        loss.declare("the scheduler ended")
        with pytest.raises(HostLost):
            waiting.result()


def test_a_run_that_stops_waits_for_no_worker_host(warnings):
    begun = threading.Event()
    pool = WorkerPool([Remote(Answers(lambda _future: begun.set()), Loss())])
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(pool.draw, "page", EXPECTED)
        begun.wait()
        pool.cancel()
        with pytest.raises(Cancelled, match="stopped while the page was drawn"):
            waiting.result()

    assert warnings == []


@pytest.mark.parametrize(
    ("processes", "most", "size"), [(0, 9, 0), (1, 9, 2), (8, 64, 9), (8, 3, 3)]
)
def test_there_is_a_place_more_than_processes_and_none_for_none(processes, most, size):
    assert (
        len(remote.places(Answers(answers_nothing), Loss(), processes=processes, most=most)) == size
    )


def test_the_text_of_a_page_is_in_no_repr():
    request = PageToDraw("a customer's name", EXPECTED)

    assert "customer" not in repr(request)
    assert pickle.loads(pickle.dumps(request)) == request


def test_a_host_that_offers_nothing_gives_the_page_back():
    assert isinstance(pages.draw(PageToDraw("page", EXPECTED)), NotHere)


@pytest.mark.parametrize(
    ("page", "answer"),
    [
        ("bad", NotDrawn("the page has no language")),
        ("stopped", NotHere("stopped while the page was drawn")),
        ("no memory", NotHere("no drawing process could be started")),
    ],
)
def test_a_host_answers_with_a_failure_and_never_raises_it(host, page, answer):
    assert pages.draw(PageToDraw(page, EXPECTED)) == answer


@pytest.mark.integration
def test_a_host_draws_with_processes_of_its_own_for_as_long_as_it_offers_them():
    with pages.offered(nothing_like_a_pdf, 1):
        answer = pages.draw(PageToDraw("page", EXPECTED))

    assert answer == NotDrawn("the PDF cannot be read back: it is blank or partial")
    assert isinstance(pages.draw(PageToDraw("page", EXPECTED)), NotHere)


def nothing_like_a_pdf(html):
    return html.encode()
