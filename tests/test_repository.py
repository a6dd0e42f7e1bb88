"""What is in the repository, and what can never get there by accident."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tracked():
    """Names of all files under version control."""
    done = git("ls-files", "-z")
    if done.returncode:
        pytest.skip("not a git checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    "name",
    [
        ".env",
        ".env.prod",
        ".venv/bin/python",
        "var/data/20251115_missed_leads.csv",
        "export.csv",
        "var/profiles/storage_state.json",
        "storage_state_A668.json",
        "A668_2025-11-14.pdf",
        "summary.eml",
        "lib/__pycache__/log.cpython-311.pyc",
    ],
)
@pytest.mark.usefixtures("tracked")
def test_data_secrets_and_what_tools_make_stay_out(name):
    assert git("check-ignore", "--quiet", "--no-index", name).returncode == 0


@pytest.mark.parametrize(
    "name", ["lib/log.py", "lib/config/environment.py", "jobs/daily.py", ".env.example", "docs/x.md"]
)
@pytest.mark.usefixtures("tracked")
def test_code_and_documents_stay_in(name):
    assert git("check-ignore", "--quiet", "--no-index", name).returncode == 1


def test_no_ignored_file_is_tracked(tracked):
    done = git("ls-files", "--cached", "--ignored", "--exclude-standard")
    assert (done.stdout, tracked != []) == ("", True)


ELSEWHERE = re.compile(
    r"""
    (?<![\w.}])/(?:home/\w+|Users|root|work)/\w  # a directory of somebody's machine (the portal has /home/login)
    | (?:--index-url|--extra-index-url|--find-links|registry=|\[\[index\]\])  # a package registry of somebody's network
    """,
    re.VERBOSE,
)
MAY_NAME_THEM = {"tests/test_repository.py", "tests/lib/test_errors.py"}


def test_no_file_names_somebody_s_machine_or_registry(tracked):
    found = []
    for name in sorted(set(tracked) - MAY_NAME_THEM):
        text = (ROOT / name).read_bytes()
        if b"\0" in text:
            continue
        lines = text.decode("utf-8").splitlines()
        found += [f"{name}:{number}: {line[:100]}" for number, line in enumerate(lines, 1) if ELSEWHERE.search(line)]
    assert found == []
