"""A PostgreSQL for one process: started in a second, removed with its owner (ADR 0001).

`python -m demo.postgres` holds one for a person, until Ctrl-C.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from demo.postgres_binaries import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
STOP_TIMEOUT_S = 30


class PostgresNotStarted(RuntimeError):
    """No throw-away PostgreSQL could be started; the text says why and what to install."""


@contextmanager
def throwaway_postgres(source: Source = Source.ANY, place: Path | None = None) -> Iterator[str]:
    """Yield the URL of an empty server; at the end wait until process and directory are gone.

    Its directory is made in `place`, if given, else where temporary files go. Works as root (the
    server then runs as an existing unprivileged account) and as an ordinary user. When this process
    dies, even by SIGKILL, its end of a pipe closes and the supervisor removes everything. A child
    that was forked without exec inherits that end and keeps the server alive as long as it lives
    itself.
    """
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "demo.postgres_supervisor", source, *([place] if place else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the owner, which still needs its database while it ends.
        start_new_session=True,
    )
    with supervisor:
        try:
            yield _url(supervisor)
        finally:
            _release(supervisor)


def _url(supervisor: subprocess.Popen[str]) -> str:
    assert supervisor.stdout is not None

    answer = supervisor.stdout.read()
    if not answer.startswith("postgresql://"):
        raise PostgresNotStarted(
            answer.strip() or "the supervisor of the throw-away PostgreSQL ended without a word"
        )

    return answer


def _release(supervisor: subprocess.Popen[str]) -> None:
    assert supervisor.stdin is not None
    supervisor.stdin.close()

    try:
        supervisor.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        supervisor.terminate()


if __name__ == "__main__":
    with throwaway_postgres() as server_url:
        print(server_url, flush=True)
        try:
            sys.stdin.read()
        except KeyboardInterrupt:
            print()
