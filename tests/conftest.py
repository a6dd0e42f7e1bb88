"""Fixtures for every test, one file per subject."""

pytest_plugins = [
    "tests.plugins.signals",
    "tests.plugins.properties",
    "tests.plugins.integration",
    "tests.plugins.temporary",
    "tests.plugins.beside",
    "tests.plugins.database",
    "tests.plugins.chain",
    "tests.plugins.fork_server",
    "tests.plugins.forked_readers",
    "tests.plugins.faults",
    "tests.plugins.mailbox",
    "tests.plugins.imap",
    "tests.plugins.playwright_driver",
    "tests.plugins.programs",
]
