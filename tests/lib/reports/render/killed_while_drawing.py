"""Is killed while its drawing process, which has written files, draws a page. Run by test_worker_pool."""

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from lib.reports.render.drawing_process import DrawingProcess
from lib.reports.render.pdf_check import Expected
from tests.factories.pdfs import pdf

EXPECTED = Expected("A668", "2025-11-14", "run", frozenset())


def draw(html: str) -> bytes:
    """Write a file, say so, and be at work until the parent is gone."""
    parent = os.getppid()
    Path(tempfile.mkdtemp(), "font").write_text(html)
    Path(html).touch()

    while os.getppid() == parent:
        time.sleep(0.01)

    return pdf(EXPECTED)


def main() -> None:
    sign = sys.argv[1]
    threading.Thread(target=DrawingProcess(draw).draw, args=(sign, EXPECTED), daemon=True).start()

    while not Path(sign).exists():
        time.sleep(0.01)

    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
