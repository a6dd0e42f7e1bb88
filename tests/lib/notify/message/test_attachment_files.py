from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest

from lib.notify.message import attachment_files
from tests.factories.notify import document

DATA = b"%PDF-1.7"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def report(tmp_path):
    """A document whose file is what was recorded."""
    (tmp_path / "A668_2025-11-14.pdf").write_bytes(DATA)
    return document("A668", path=str(tmp_path / "A668_2025-11-14.pdf"), checksum=SHA256)


def test_the_content_is_that_of_the_file(report):
    assert attachment_files.content(report) == DATA


@pytest.mark.parametrize("checksum", [None, SHA256.upper()])
def test_a_row_without_checksum_or_in_capitals_is_fine(report, checksum):
    assert attachment_files.content(replace(report, checksum=checksum)) == DATA


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"storage_backend": "s3"}, "its storage backend s3 is not supported"),
        ({"mime_type": "text/html"}, "its type 'text/html' is not application/pdf"),
        ({"path": None}, "its row has no file path"),
        (
            {"path": "/nowhere/x.pdf"},
            "its file cannot be read: FileNotFoundError: No such file or directory",
        ),
        ({"path": "/"}, "its path names no regular file"),
        ({"path": "/dev/zero"}, "its path names no regular file"),
        ({"path": "/etc/passwd", "checksum": None}, "its file is no PDF"),
        ({"path": "../../../../../../../../etc/passwd", "checksum": None}, "its file is no PDF"),
        ({"file_name": "../x.pdf"}, "its file name is not a plain name"),
        ({"file_name": ""}, "its file name is not a plain name"),
        ({"file_name": "x.pdf\r\nX: y"}, "its file name is not a plain name"),
        ({"checksum": "0" * 64}, "its file is not the one that was recorded (another SHA-256)"),
    ],
)
def test_a_document_that_cannot_be_attached_says_why(report, tmp_path, changes, reason):
    broken = replace(report, **changes)
    with pytest.raises(attachment_files.UnusableAttachment) as caught:
        attachment_files.content(broken)

    assert str(caught.value) == reason
    [seen] = attachment_files.with_problems([broken], tmp_path)
    assert seen.problem == f"{reason}; docs/how-to/keep-the-disk-free.md says how it is made again"


def test_a_file_that_no_mail_could_carry_is_not_read_to_the_end(report, tmp_path):
    with (tmp_path / "big.pdf").open("wb") as big:
        big.truncate(attachment_files.MAX_FILE_BYTES + 1)
    with pytest.raises(attachment_files.UnusableAttachment, match="more than 20971520 bytes"):
        attachment_files.content(replace(report, path=str(tmp_path / "big.pdf")))


def test_a_relative_path_is_looked_for_here_and_then_under_the_reports_root(
    report, tmp_path, monkeypatch
):
    relative = replace(report, path="A668_2025-11-14.pdf")

    assert attachment_files.with_problems([relative], tmp_path) == (report,)
    monkeypatch.chdir(tmp_path)
    assert attachment_files.with_problems([relative], tmp_path / "elsewhere") == (relative,)


def test_a_pipe_in_the_place_of_a_report_is_not_waited_for(report, tmp_path):
    os.mkfifo(tmp_path / "pipe.pdf")
    with pytest.raises(attachment_files.UnusableAttachment, match="no regular file"):
        attachment_files.content(replace(report, path=str(tmp_path / "pipe.pdf")))
