"""Signals as a shell has them: `nohup` and a background job ignore some, and children inherit that.

Tests that stop a process by such a signal would wait for it for ever.
"""

import signal


def pytest_configure():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
