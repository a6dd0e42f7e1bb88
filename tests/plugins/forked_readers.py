"""The fixture `forked_readers`: the processes that read returned forms are forked, not started anew."""

from __future__ import annotations

import multiprocessing

import pytest

from lib.returns import form_process


class Forking:
    """In the place of `multiprocessing` in `form_process`.

    Each process is still one of its own, with the product's limits; it has the library from a
    process that imported it once, in place of importing it for every PDF.
    """

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["lib.returns.form_process", "pikepdf"])

    def get_context(self, method: str):
        assert method == "spawn"
        return self._context


@pytest.fixture(scope="session")
def forking_readers():
    return Forking()


@pytest.fixture
def forked_readers(forking_readers, monkeypatch):
    """For a test in which a PDF is read, but which is not about the process that reads it."""
    monkeypatch.setattr(form_process, "multiprocessing", forking_readers)
