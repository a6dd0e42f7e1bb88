import os
from stat import S_IMODE, S_ISDIR

import pytest

from lib.files import finished, replacing, unfinished


def contents(directory):
    return {file.name: file.read_bytes() for file in directory.iterdir()}


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_whole_under_its_name_and_alone(tmp_path, durable):
    with replacing(tmp_path / "report.pdf", durable=durable) as stream:
        stream.write(b"content")
    assert contents(tmp_path) == {"report.pdf": b"content"}


def test_until_the_end_the_name_belongs_to_the_old_file(tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old and longer")
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert contents(tmp_path) == {"report.pdf": b"old and longer", ".report.pdf.part": b"new"}

    assert contents(tmp_path) == {"report.pdf": b"new"}


def test_a_file_is_its_owners_alone_also_where_an_older_one_was_not(tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"")
    path.chmod(0o666)
    with replacing(path):
        pass

    assert S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "error", [ValueError("what was drawn is blank"), KeyboardInterrupt()], ids=repr
)
def test_on_an_error_the_old_file_stays_and_nothing_is_left(tmp_path, error):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")

    def draw(stream):
        stream.write(b"half")
        raise error

    with pytest.raises(type(error)), replacing(path) as stream:
        draw(stream)
    assert contents(tmp_path) == {"report.pdf": b"old"}


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"), replacing(path) as stream:
        stream.write(b"half")
    assert contents(tmp_path) == {"report.pdf": b"old"}


def test_what_a_killed_writer_left_goes(tmp_path):
    path = tmp_path / "report.pdf"
    unfinished(path).write_bytes(b"half of something longer")
    with replacing(path) as stream:
        stream.write(b"new")

    assert contents(tmp_path) == {"report.pdf": b"new"}


def test_a_planted_link_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"somebody's")
    unfinished(tmp_path / "report.pdf").symlink_to(elsewhere)
    with replacing(tmp_path / "report.pdf") as stream:
        stream.write(b"new")

    assert contents(tmp_path) == {"elsewhere": b"somebody's", "report.pdf": b"new"}


@pytest.mark.parametrize(("durable", "synced"), [(True, ["file", "directory"]), (False, [])])
def test_a_durable_file_is_synced_and_then_its_name(tmp_path, monkeypatch, durable, synced):
    calls = []
    monkeypatch.setattr(
        "os.fsync",
        lambda fd: calls.append("directory" if S_ISDIR(os.fstat(fd).st_mode) else "file"),
    )
    with replacing(tmp_path / "report.pdf", durable=durable):
        pass

    assert calls == synced


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".a.pdf.part", "a.pdf"),
        ("..part", None),
        ("a.pdf.part", None),
        (".a.pdf", None),
        ("a.pdf", None),
    ],
)
def test_an_unfinished_file_tells_what_it_was_to_be(tmp_path, name, expected):
    assert finished(tmp_path / name) == (tmp_path / expected if expected else None)
    assert finished(unfinished(tmp_path / "b.csv")) == tmp_path / "b.csv"
