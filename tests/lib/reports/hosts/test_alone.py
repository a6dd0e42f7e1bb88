"""A host that draws alone needs no engine for several, and does not wait for its import."""

import subprocess
import sys

import pytest

from tests.worker_hosts import ROOT

pytestmark = pytest.mark.integration

DRAWN = """
import dataclasses, pathlib, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"dask", "distributed"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

if sys.argv[1] == "missing":
    sys.meta_path.insert(0, Missing())

from lib import log
from lib.config import DrawSettings
import lib.reports.build.daily, lib.reports.build.period, lib.reports.build.combined
from lib.reports.build.rendering import Rendering
from lib.reports.render import engines
from tests.factories.notify_rows import settings
from tests.worker_hosts import expected, page

if __name__ == "__main__":
    log.warning = lambda text, **_: print(text)
    file = pathlib.Path(__file__)
    draw = DrawSettings(sys.argv[2], file, file, processes=1)
    chosen = dataclasses.replace(settings(file.parent, None), draw=draw)
    with Rendering(engines.weasyprint, chosen).pool(2) as (pool, size):
        print(size, pool.draw(page(), expected()).content[:5])
    print({"dask", "distributed", "tornado"} & sys.modules.keys())
"""
ALONE = "1 b'%PDF-'\nset()\n"


def run(tmp_path, *words):
    script = tmp_path / "drawn.py"
    script.write_text(DRAWN)
    return subprocess.run(
        [sys.executable, script, *words],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


@pytest.mark.parametrize("engine", ["missing", "installed"])
def test_a_host_that_draws_alone_imports_no_engine(tmp_path, engine):
    assert run(tmp_path, engine, "") == ALONE


def test_a_host_without_the_engine_draws_alone_and_says_why(tmp_path):
    assert run(tmp_path, "missing", "tls://127.0.0.1:8786") == (
        "drawing here alone: the package dask is not installed; install the extra `hosts`, or unset"
        " DRAW_SCHEDULER\n" + ALONE
    )
