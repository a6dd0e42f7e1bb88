"""A package index on loopback as it may be tomorrow.

All that is locked, and a newer release of each.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NEWER = "99999"
"""The version of everything that was published since."""


def newer(name: str) -> bytes:
    """Return a wheel of the project `name` (normalized, with underscores) that is newer than any and empty."""
    folder = f"{name}-{NEWER}.dist-info"
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(
            f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {NEWER}\n"
        )
        archive.writestr(
            f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{folder}/RECORD", "")
    return wheel.getvalue()


def lay_out(wheels: Path, index: Path) -> None:
    """Make a simple index below `index` of the files in `wheels`, with a newer release beside each."""
    for wheel in sorted(wheels.iterdir()):
        name = wheel.name.partition("-")[0].lower().replace(".", "_")
        project = index / "simple" / name.replace("_", "-")
        project.mkdir(parents=True, exist_ok=True)
        wheel.rename(project / wheel.name)
        (project / f"{name}-{NEWER}-py3-none-any.whl").write_bytes(newer(name))

    for project in sorted((index / "simple").iterdir()):
        links = [f'<a href="{file.name}">{file.name}</a><br>' for file in sorted(project.iterdir())]
        (project / "index.html").write_text(
            "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"
        )


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Print nothing: pip says what it fetched."""


@contextmanager
def serve(index: Path) -> Iterator[str]:
    """Serve an index on loopback for the length of the block; the value is its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(index))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()
        thread.join()
