"""The server of forked jobs ends with the tests; worker pools of tests may draw in its forks."""

import pytest

from tests.fork_server import client, forked_process


def pytest_unconfigure():
    client.close()


@pytest.fixture
def drawn_in_forks(monkeypatch):
    """Have this test's worker pools draw in forks: half a second less for each process."""
    forked_process.use(client.server().pages, monkeypatch.setattr)
