"""The server of forked jobs ends with the tests."""

from tests.fork_server import client


def pytest_unconfigure():
    client.close()
