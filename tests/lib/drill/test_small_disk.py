"""The disk that a drill may fill to the last byte, and those that it may not."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from lib.drill import small_disk
from lib.errors import ConfigurationError

pytestmark = pytest.mark.integration
may_mount = pytest.mark.skipif(
    os.geteuid() != 0 or bool(small_disk.problem(None)),
    reason="only root can mount a file system",
)


@pytest.fixture
def disk(tmp_path):
    with small_disk.small_disk(None, tmp_path) as place:
        yield place


def test_a_directory_among_others_is_never_filled(tmp_path):
    with pytest.raises(ConfigurationError, match="no file system of its own"):
        small_disk.problem(tmp_path)


@pytest.mark.skipif(not Path("/dev").is_mount(), reason="there is no file system to look at")
def test_a_large_disk_is_never_filled(monkeypatch):
    monkeypatch.setattr(small_disk, "MOST_BYTES", 0)

    with pytest.raises(ConfigurationError, match="a drill fills 0 MB at most"):
        small_disk.problem(Path("/dev"))


@may_mount
def test_a_disk_with_somebody_s_files_is_never_filled(disk):
    (disk / "theirs").touch()

    with pytest.raises(ConfigurationError, match="is not empty"):
        small_disk.problem(disk)


@may_mount
def test_an_empty_small_one_may_be_and_is_empty_again_afterwards(disk):
    assert small_disk.problem(disk) == ""

    with small_disk.small_disk(disk, Path("/not/used")) as place:
        (place / "data").mkdir()
        (place / "data" / "export.csv").write_text("rows")

    assert list(disk.iterdir()) == []


@may_mount
def test_what_a_killed_drill_left_on_it_goes_first(disk):
    left = disk / "simplify-drill-0a1b2c3d"
    left.mkdir()
    (left / ".ballast").write_bytes(b"full")

    with small_disk.small_disk(disk, Path("/not/used")) as place:
        assert list(disk.iterdir()) == [place]


@may_mount
def test_the_ballast_takes_every_byte_and_whatever_becomes_free(disk):
    ballast = small_disk.Ballast(disk)
    (disk / "export.csv").write_bytes(bytes(1_000_000))

    ballast.fill()
    assert refused(disk)

    (disk / "export.csv").unlink()
    deadline = time.monotonic() + 30
    while not refused(disk) and time.monotonic() < deadline:
        """The ballast grows meanwhile."""
    assert refused(disk)

    ballast.remove()
    (disk / "report.pdf").write_bytes(bytes(1_000_000))
    assert [path.name for path in disk.iterdir()] == ["report.pdf"]


def refused(disk):
    """Return True if there is no room for 100 kB."""
    try:
        (disk / "probe").write_bytes(bytes(100_000))
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        (disk / "probe").unlink(missing_ok=True)

    return False


@may_mount
def test_nothing_stays_mounted(tmp_path):
    with small_disk.small_disk(None, tmp_path) as place:
        assert place.is_mount()

    assert not (tmp_path / "disk").is_mount()
