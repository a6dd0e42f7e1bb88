"""A disk that is really full: the volumes on a small tmpfs with room for 0, 1, 2, … pages, until a run fits.

`unshare --mount python -m tests.proofs.faults.full_disk daily weekly`, as root: the mount is seen by nobody else and is gone
afterwards.
"""
# ruff: noqa: T201 - a table for people

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.faults import state, sweep
from tests.proofs.faults.scenario import Scene, scene
from tests.proofs.faults.state import State

SIZE = "2m"
STARTS = 4


def main(jobs: list[str]) -> int:
    broken = 0
    for job in jobs:
        with _small_disk() as directory, sweep.stage() as own, scene(job, *own, directory) as here:
            _, undisturbed = sweep.expected(here)
            tried = 0
            for pages, codes, problems in _until_it_fits(here, undisturbed):
                tried += 1
                for problem in problems:
                    print(f"BROKEN {job} with {pages} pages free, exit codes {codes}: {problem}")
                    broken += 1
        print(
            f"{job}: {tried} sizes of a disk tried, up to {pages} pages, where the run fits",
            flush=True,
        )
    return 1 if broken else 0


@contextmanager
def _small_disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        volumes = Path(directory) / "volumes"
        volumes.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", volumes], check=True)
        try:
            yield Path(directory)
        finally:
            subprocess.run(["umount", volumes], check=True)


def _until_it_fits(here: Scene, undisturbed: State) -> Iterator[tuple[int, list[int], list[str]]]:
    """Yield for each number of free pages the exit codes of the starts, the first without room, and what is wrong."""
    pages, codes = 0, [sweep.TEMPORARY]
    while codes[0] != sweep.OK:
        here.reset()
        with _filled(here.volumes, finish=pages):
            codes = [here.start().code]
        while codes[-1] in sweep.RETRIED and len(codes) < STARTS:
            codes.append(here.start().code)
        wrong = (
            []
            if codes[0] in {sweep.OK, sweep.TEMPORARY} and codes[-1] == sweep.OK
            else [f"it ended with {codes}"]
        )
        yield (
            pages,
            codes,
            [*wrong, *state.broken(here), *undisturbed.differences(state.inspect_state(here))],
        )
        pages += 1


@contextmanager
def _filled(volumes: Path, *, finish: int) -> Iterator[None]:
    """Leave so many free pages while the block runs."""
    filler, disk = volumes / "filler" / "pages", os.statvfs(volumes)
    filler.parent.mkdir()
    filler.write_bytes(bytes(max(0, disk.f_bavail - finish) * disk.f_bsize))
    try:
        yield
    finally:
        filler.unlink()
        filler.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
