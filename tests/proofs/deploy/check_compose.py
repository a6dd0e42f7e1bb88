"""What compose.yaml tells developers to type, typed.

Run by `make test-deploy`, which built the images' layers.
"""

import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / ".venv" / "supply" / "bin" / "docker-compose"
TYPED = re.compile(r"^#   docker compose (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def developer(tmp_path_factory):
    """Run a `docker compose` command in a copy of what the images are made of.

    Gone with all it started.
    """
    place = tmp_path_factory.mktemp("developer")
    for name in ("alembic", "demo", "jobs", "lib", "deploy/host"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (
        ".dockerignore",
        "Dockerfile",
        "alembic.ini",
        "compose.yaml",
        "requirements.lock",
        "requirements-demo.lock",
    ):
        shutil.copy(ROOT / name, place)
    (place / "var").mkdir()
    names = {**os.environ, "COMPOSE_PROJECT_NAME": f"simplify-{uuid.uuid4().hex[:8]}"}

    def run(words):
        command = [COMPOSE, *words.split()]
        return subprocess.run(
            command, cwd=place, env=names, capture_output=True, text=True, timeout=900, check=False
        )

    run.place = place
    yield run
    run("--profile job down --volumes --rmi local --timeout 5")


def test_a_morning_on_a_developer_s_machine(developer):
    """The lines at the head of compose.yaml, one after the other, end well and leave two stores' reports, that of all, and their mails."""
    for words in TYPED.findall((ROOT / "compose.yaml").read_text()):
        done = developer(words)
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])

    assert len(list(developer.place.glob("var/reports/*/A???_*.pdf"))) == 2
    assert len(list(developer.place.glob("var/reports/*/ALL_*.pdf"))) == 1
    # One a store, that of all stores, and that about the run.
    assert len(list(developer.place.glob("var/mails/*.eml"))) == 4


def test_nothing_stays_behind(developer):
    """`down --volumes` is the last line: what it leaves would be a developer's to find."""
    assert developer("--profile job ps --all --quiet").stdout == ""
