"""What a drawing process does not import before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lib.reports.render.deferred_imports import on_first_call

MODULE = "imported_late"
IMPORTED_FOR_NOTHING = """
import sys
from lib.reports.render import weasyprint_engine

print(*{name for name in weasyprint_engine.RARELY_NEEDED if name in sys.modules})
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that can be imported, and is forgotten after the test."""
    code = "def double(number, *, more=0):\n    return 2 * number + more\n"
    (tmp_path / f"{MODULE}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    yield MODULE
    sys.modules.pop(MODULE, None)


def test_a_module_is_imported_when_a_function_of_it_is_called(module):
    with on_first_call(module):
        import imported_late
        from imported_late import double

    assert module not in sys.modules
    assert double(2, more=1) == 5
    assert module in sys.modules
    assert imported_late.double(3) == 6


def test_a_module_that_was_there_before_stays(module):
    import imported_late as before

    with on_first_call(module):
        import imported_late as within

    assert within is before
    assert sys.modules[module] is before


@pytest.mark.integration
def test_weasyprint_is_imported_without_what_harfbuzz_does_for_it():
    command = [sys.executable, "-c", IMPORTED_FOR_NOTHING]

    assert subprocess.check_output(command, text=True).strip() == ""
