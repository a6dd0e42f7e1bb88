"""A foreign file is read in bounded time and memory, and whatever it does is its own refusal."""

import os
import resource
import signal
import zlib
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.returns import form, form_process
from lib.returns.form_process import ReaderUnavailable
from lib.returns.model import FormRefusal, ReturnedForm, Said
from tests.factories import returned_forms

pytestmark = pytest.mark.integration


def test_what_the_process_reads_arrives_whole():
    content = returned_forms.filled(["undelivered_delivered_1"], {"undelivered_comment_2": "हाँ"})

    assert form_process.read(content) == form.read(content)


def test_a_refusal_arrives_with_its_reason():
    assert form_process.read(returned_forms.blank()) is FormRefusal.EMPTY
    assert form_process.read(b"no PDF") is FormRefusal.NO_PDF


def bomb() -> bytes:
    """Return a PDF of 5 MB whose table of objects is 1 GB when it is unpacked."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(b"\0" * 2**20) for _ in range(1024)) + packer.flush()
    head = (
        b"%%PDF-1.7\n1 0 obj\n<< /Type /XRef /Size 200000000 /W [1 4 0] /Root 2 0 R"
        b" /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
    )
    return head + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n"


def test_a_file_that_takes_all_memory_is_refused_and_takes_none_of_ours():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusal = form_process.read(bomb())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert refusal in (FormRefusal.TOO_EXPENSIVE, FormRefusal.NO_PDF)
    assert grown < 200 * 1024


def killed_by_what_it_reads(pipe):
    pipe.send_bytes(form_process.READY)
    pipe.recv_bytes()
    os.kill(os.getpid(), signal.SIGSEGV)


def says_nonsense(pipe):
    pipe.send_bytes(form_process.READY)
    pipe.recv_bytes()
    pipe.send_bytes(b'{"answers": [["order", 1, null, "perhaps", null]], "store_code": "A668"}')


def never_begins(pipe):
    raise SystemExit(1)


@pytest.mark.parametrize(
    ("serve", "refusal"),
    [(killed_by_what_it_reads, FormRefusal.TOO_EXPENSIVE), (says_nonsense, FormRefusal.NO_PDF)],
)
def test_a_process_that_a_file_kills_or_takes_over_is_that_files_refusal(
    monkeypatch, serve, refusal
):
    monkeypatch.setattr(form_process, "_serve", serve)

    assert form_process.read(returned_forms.yes()) is refusal


def test_a_machine_that_cannot_start_the_process_refuses_nothing(monkeypatch):
    monkeypatch.setattr(form_process, "_serve", never_begins)

    with pytest.raises(ReaderUnavailable):
        form_process.read(returned_forms.yes())


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    places=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    octets=st.binary(min_size=12, max_size=12),
    cut=st.integers(0, 10**6) | st.none(),
)
def test_whatever_is_changed_in_a_pdf_it_is_read_or_refused(places, octets, cut):
    """The fuzz goes on in this process: one that a file could kill would kill the test."""
    content = bytearray(returned_forms.yes())
    for place, octet in zip(places, octets, strict=False):
        content[place % len(content)] = octet
    changed = bytes(content[: cut % len(content)] if cut else content)

    with suppress(form.Unreadable):
        read = form.read(changed)

        assert isinstance(read, ReturnedForm)
        assert all(one.said in Said or one.comment for one in read.answers)
