"""Where a drill may run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.config import DrillSettings
from lib.drill import permission
from lib.drill.model import Fault
from lib.errors import ConfigurationError
from tests.factories.notify_rows import settings

ALLOWED = DrillSettings(is_allowed=True, backups=Path("/backups"))
STAGING = replace(settings(Path(), mail=None), run_env="local", drill=ALLOWED)


def test_a_staging_host_may():
    permission.require(STAGING)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"run_env": "prod"}, "RUN_ENV is prod"),
        ({"drill": replace(ALLOWED, is_allowed=False)}, "DRILL_ALLOWED is not true"),
        ({"drill": replace(ALLOWED, backups=None)}, "DRILL_BACKUPS is missing"),
    ],
    ids=["production, although it is allowed", "nobody allowed it", "no backups"],
)
def test_others_are_refused_with_the_next_step(changes, reason):
    with pytest.raises(ConfigurationError) as refused:
        permission.require(replace(STAGING, **changes))

    assert reason in str(refused.value)
    assert "docs/how-to/run-a-fault-drill.md" in str(refused.value)


def test_the_next_step_is_a_page_that_exists():
    assert (Path(__file__).parents[3] / "docs/how-to/run-a-fault-drill.md").is_file()


@pytest.mark.parametrize(
    ("environ", "disk", "impossible"),
    [
        ({}, "", set()),
        ({}, "no disk", {Fault.DISK}),
        ({"https_proxy": "http://proxy.example.invalid:3128"}, "", {Fault.PORTAL}),
        ({"HTTPS_PROXY": ""}, "", set()),
    ],
    ids=["everything", "without a small disk", "behind a proxy", "an empty proxy"],
)
def test_what_cannot_be_done_here_is_left_out(environ, disk, impossible):
    assert set(permission.impossible(environ, disk)) == impossible
