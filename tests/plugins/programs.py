"""The fixture `installed`: what puts a program into an otherwise empty PATH."""

from __future__ import annotations

import pytest


@pytest.fixture
def installed(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(name):
        program = tmp_path / name
        program.touch(mode=0o755)
        return program

    return install
