"""What is in the repository, and what can never get there by accident."""

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

# git is asked
pytestmark = pytest.mark.integration

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
        "storage_state.json.lease",
        "lib/.storage_state.json.part",
        "logs/daily.jsonl",
        "production.dump",
        "backup/customers.sql",
        "tls.pem",
        "A668_2025-11-14.pdf",
        "summary.eml",
        "lib/__pycache__/log.cpython-311.pyc",
    ],
)
@pytest.mark.usefixtures("tracked")
def test_data_secrets_and_what_tools_make_stay_out(name):
    assert git("check-ignore", "--quiet", "--no-index", name).returncode == 0


def test_pytest_looks_into_every_folder_that_holds_a_test(tracked, request):
    """By itself it passes over some names of folders, and says nothing of it."""
    passed_over = request.config.getini("norecursedirs")
    folders = {
        folder
        for name in tracked
        if Path(name).match("test_*.py") or Path(name).match("proof_*.py")
        for folder in Path(name).parent.parts
    }

    assert [
        folder
        for folder in sorted(folders)
        if any(fnmatch(folder, pattern) for pattern in passed_over)
    ] == []


def test_every_proof_lies_where_make_test_proofs_looks_for_it(tracked):
    proofs = [name for name in tracked if Path(name).match("proof_*.py")]

    assert [name for name in proofs if not name.startswith("tests/proofs/")] == []
    assert proofs
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--override-ini=python_files='proof_*.py' $(ARGS) tests/proofs" in makefile


@pytest.mark.parametrize(
    "name",
    ["lib/log.py", "lib/config/environment.py", "jobs/daily.py", ".env.example", "docs/x.md"],
)
@pytest.mark.usefixtures("tracked")
def test_code_and_documents_stay_in(name):
    assert git("check-ignore", "--quiet", "--no-index", name).returncode == 1


PARTS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_in_the_build(name):
    """Tell whether Docker sends the file.

    Of the patterns that match it or a directory above it, the last decides.
    """
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.removeprefix("!").strip("/")
        if line and not line.startswith("#"):
            shape = "".join(
                PARTS.get(part, re.escape(part))
                for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
            )
            if re.fullmatch(f"{shape}(?:/.*)?", name):
                sent = line.startswith("!")
    return sent


@pytest.mark.parametrize(
    "name",
    [
        *(
            ".env",
            ".git/config",
            "var/data/20251115_missed_leads.csv",
            "storage_state.json",
            "A668_2025-11-14.pdf",
        ),
        *(
            "tests/conftest.py",
            "docs/x.md",
            "deploy/systemd/simplify@.service",
            "notes.txt",
            "production.dump",
        ),
        *(
            "lib/.env",
            "demo/.env.prod",
            "jobs/export.csv",
            "lib/reports/A668.pdf",
            "demo/mails/0001.eml",
        ),
        *("lib/portal/storage_state.json", "lib/tls.pem", "jobs/daily.jsonl", "demo/dump.sql"),
        *("lib/__pycache__/log.cpython-311.pyc", "alembic/versions/__pycache__/x.pyc"),
    ],
)
def test_data_and_secrets_stay_out_of_the_image(name):
    assert not is_in_the_build(name)


def test_all_of_the_code_goes_into_the_image(tracked):
    code = [name for name in tracked if name.startswith(("alembic", "demo/", "jobs/", "lib/"))]

    assert [name for name in code if not is_in_the_build(name)] == []
    assert len(code) > 200


def test_no_ignored_file_is_tracked(tracked):
    done = git("ls-files", "--cached", "--ignored", "--exclude-standard")
    assert (done.stdout, tracked != []) == ("", True)


ELSEWHERE = re.compile(
    r"""
    (?<![\w.}])/(?:home/\w+|Users|root|work)/\w  # a directory of somebody's machine (the portal has /home/login)
    | (?:--index-url|--extra-index-url|--find-links|registry=\s*["']?\w+://|\[\[index\]\])  # a package registry of somebody's network
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
        found += [
            f"{name}:{number}: {line[:100]}"
            for number, line in enumerate(lines, 1)
            if ELSEWHERE.search(line)
        ]

    assert found == []
