"""Bare Debian roots: one a suite, and a fresh copy for every person."""

import pytest

from tests.proofs.install import roots


@pytest.fixture(scope="session")
def bare(tmp_path_factory):
    """Return the bare root of a suite; made when it is first asked for, and never written to."""
    made = {}

    def of(suite):
        if suite not in made:
            made[suite] = roots.debian(suite, tmp_path_factory.mktemp(suite) / "root")
        return made[suite]

    return of
