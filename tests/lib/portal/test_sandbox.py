"""Chromium's own sandbox is on for an ordinary user, wherever the kernel lets such a user have one."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
AS_NOBODY = (
    ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
)


def is_offered():
    """Tell whether an ordinary user may make the namespaces that the sandbox is built from."""
    try:
        return (
            subprocess.run(
                [*AS_NOBODY, "unshare", "--user", "true"], capture_output=True, check=False
            ).returncode
            == 0
        )
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not is_offered(), reason="this kernel gives ordinary users no user namespaces")
def test_renderers_run_behind_a_system_call_filter():
    with (
        tempfile.TemporaryDirectory() as home
    ):  # pytest's own directories are closed to other users
        done = subprocess.run(
            [sys.executable, "-m", "tests.lib.portal.sandboxed", home],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    assert found == {
        "wished": True,
        "renderers": found["renderers"],
        "filtered": ["2"] * found["renderers"],
        "switched_off": [],
    }
    assert found["renderers"] > 0
