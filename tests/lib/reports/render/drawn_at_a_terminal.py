"""Draws a page while Ctrl-C and the terminal's end reach the whole process group, as at a terminal. Run by test_worker_pool."""

import os
import signal
import threading

from lib.reports.render.drawing_process import DrawingProcess
from lib.reports.render.pdf_check import Expected
from tests.factories.pdfs import pdf

STOPS = (signal.SIGINT, signal.SIGHUP)


EXPECTED = Expected("A668", "2025-11-14", "run", frozenset())


def draw(html: str) -> bytes:
    return pdf(EXPECTED, Title=html)


def main() -> None:
    os.setpgid(0, 0)
    for number in STOPS:
        signal.signal(number, lambda *_: None)
    process = DrawingProcess(draw)
    answers: list[bytes] = []
    drawing = threading.Thread(
        target=lambda: answers.append(process.draw("fine", EXPECTED).content)
    )
    drawing.start()
    # From the first moment on: a process that still imports is out of reach, too.
    while drawing.is_alive():
        for number in STOPS:
            os.killpg(0, number)
        drawing.join(0.005)
    process.stop()
    print(*(b"fine" in answer for answer in answers))  # noqa: T201


if __name__ == "__main__":
    main()
