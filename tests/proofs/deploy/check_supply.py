"""The bill of materials of the built image, and formats of others.

Run by `make test-deploy`, which sets IMAGE.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / ".venv" / "supply" / "bin"


@pytest.fixture(scope="module")
def bill():
    """All packages in the image: their versions by the beginning of their address."""
    command = [TOOLS / "python", "deploy/supply/sbom.py", os.environ["IMAGE"]]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {
        part["purl"].partition("@")[0]: part["version"]
        for part in json.loads(done.stdout)["components"]
    }


def test_python_s_packages_are_those_of_the_lock(bill):
    locked = [
        Requirement(line.rstrip(" \\"))
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    ]
    # The image's Python, which need not be the one that runs this.
    python = {"python_full_version": bill["pkg:deb/debian/python3"].partition("-")[0]}
    here = [one for one in locked if one.marker is None or one.marker.evaluate(python)]
    packages = {
        name.removeprefix("pkg:pypi/"): version
        for name, version in bill.items()
        if name.startswith("pkg:pypi/")
    }

    assert packages == {one.name: str(one.specifier).removeprefix("==") for one in here}


@pytest.mark.parametrize(
    "name",
    [
        "deb/debian/chromium-headless-shell",
        "deb/debian/libc6",
        "deb/debian/python3",
        "generic/node",
    ],
)
def test_what_python_does_not_know_is_on_the_list(bill, name):
    assert f"pkg:{name}" in bill


@pytest.mark.parametrize(
    ("schema", "file"),
    [("github-workflows", path) for path in sorted(ROOT.glob(".github/workflows/*.yml"))]
    + [("compose-spec", ROOT / "compose.yaml")],
    ids=lambda value: getattr(value, "name", value),
)
def test_files_for_others_keep_their_formats(schema, file):
    command = [TOOLS / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", file]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout
