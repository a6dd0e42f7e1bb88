"""Draws a page while Ctrl-C and the terminal's end reach the whole process group, as at a terminal. Run by test_workers."""

import os
import signal
import threading

from lib.reports.render.worker_pool import Worker

STOPS = (signal.SIGINT, signal.SIGHUP)


def draw(html: str) -> bytes:
    return html.encode()


def main() -> None:
    os.setpgid(0, 0)
    for number in STOPS:
        signal.signal(number, lambda *_: None)
    worker = Worker(draw)
    answers: list[bytes] = []
    drawing = threading.Thread(target=lambda: answers.append(worker.draw("fine")))
    drawing.start()
    # From the first moment on: a worker that still imports is out of reach, too.
    while drawing.is_alive():
        for number in STOPS:
            os.killpg(0, number)
        drawing.join(0.005)
    worker.stop()
    print(*(answer.decode() for answer in answers))  # noqa: T201


if __name__ == "__main__":
    main()
