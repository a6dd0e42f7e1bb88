"""Directories for a while: gone at the end of a block, and after a kill with the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lib.scratch_directory import Purpose, remove_unused, scratch_directory, unused

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from pathlib import Path
from lib.scratch_directory import Purpose, scratch_directory

with scratch_directory(Purpose.REPLAY, parent=Path(sys.argv[1])) as place:
    (place / "reports").mkdir()
    (place / "reports" / "A668.pdf").write_bytes(b"%PDF")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def left(tmp_path):
    """Return the directory that a killed process left."""
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    (path,) = tmp_path.iterdir()
    assert (path / "reports" / "A668.pdf").exists()
    return path


def test_it_is_this_user_s_alone_and_gone_however_the_block_ends(tmp_path):
    def fails():
        with scratch_directory(Purpose.REPLAY, parent=tmp_path) as place:
            (place / "rows.csv").write_text("rows")
            assert place.stat().st_mode & 0o777 == 0o700
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fails()

    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_one(tmp_path, left):
    with scratch_directory(Purpose.REPLAY, parent=tmp_path) as place:
        assert list(tmp_path.iterdir()) == [place]


def test_one_in_use_and_one_of_another_purpose_stay(tmp_path, left):
    with scratch_directory(Purpose.DRILL, parent=tmp_path) as in_use:
        assert list(unused(Purpose.DRILL, parent=tmp_path)) == []
        assert remove_unused(Purpose.DRILL, parent=tmp_path) == 0
        assert set(tmp_path.iterdir()) == {in_use, left}


def test_what_holds_it_is_taken_away_first(tmp_path, left):
    released = []

    assert remove_unused(Purpose.REPLAY, parent=tmp_path, release=released.append) == 1

    assert released == [left]
    assert not left.exists()


@pytest.mark.parametrize(
    "name",
    [
        "simplify-replay-",
        "simplify-replay-0a1b2c3d.pdf",
        "replay-0a1b2c3d",
        "simplify-else-0a1b2c3d",
    ],
)
def test_a_directory_of_another_name_is_never_touched(tmp_path, name):
    (tmp_path / name).mkdir()

    with scratch_directory(Purpose.REPLAY, parent=tmp_path):
        assert (tmp_path / name).is_dir()


def test_a_link_or_a_file_of_the_name_is_never_followed(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "kept").touch()
    place = tmp_path / "place"
    place.mkdir()
    (place / "simplify-replay-0a1b2c3d").symlink_to(theirs)
    (place / "simplify-replay-0a1b2c3e").touch()

    assert remove_unused(Purpose.REPLAY, parent=place) == 0

    assert (theirs / "kept").exists()
    assert len(list(place.iterdir())) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_one_of_another_user_is_never_touched(tmp_path, left):
    os.chown(left, 65534, 65534)

    assert remove_unused(Purpose.REPLAY, parent=tmp_path) == 0
    assert left.exists()


def test_processes_that_begin_and_end_at_once_never_take_each_other_s(tmp_path):
    failed = []

    def often():
        try:
            for _ in range(50):
                with scratch_directory(Purpose.REPLAY, parent=tmp_path) as place:
                    (place / "rows.csv").write_text("rows")
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert list(tmp_path.iterdir()) == []
