"""What the image must be, asked of the built image.

Run by `make test-deploy`, which sets IMAGE and starts an engine.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
IMAGE = os.environ["IMAGE"]
SIZE_LIMIT_BYTES = 760_000_000
"""40 of it are for drawing on further hosts, which every image can (docs/adr/0024), 13 for a drill's pg_restore."""
JOBS = sorted(path.stem for path in HERE.parents[2].glob("jobs/[!_]*.py"))
BONDS = (
    *("--init", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=2g"),
    f"--security-opt=seccomp={HERE.parents[2] / 'deploy' / 'host' / 'chromium.json'}",
    *(
        "--user=10001:10001",
        "--pids-limit=512",
        "--tmpfs=/tmp:rw,nosuid,nodev,noexec,size=512m,mode=1777",
    ),
)


def docker(*words, given=None):
    return subprocess.run(
        ["docker", *words], input=given, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def config():
    return json.loads(docker("image", "inspect", IMAGE).stdout)[0]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("prints.py", "a page opened and both engines printed\n"),
        ("imports.py", "everything could be imported\n"),
    ],
    ids=[
        "the browser, in its sandbox, and WeasyPrint print",
        "nothing that was left out is missed",
    ],
)
def test_the_packages_work_inside(script, says):
    done = docker(
        "run",
        "--rm",
        "-i",
        *BONDS,
        "--entrypoint",
        "python",
        IMAGE,
        "-",
        given=(HERE / script).read_text(),
    )
    assert (done.returncode, done.stdout) == (0, says), done.stderr


@pytest.mark.parametrize("job", JOBS)
def test_every_job_answers(job):
    done = docker("run", "--rm", *BONDS, IMAGE, f"jobs.{job}", "--help")
    assert (done.returncode, f"python -m jobs.{job}" in done.stdout) == (0, True), done.stderr


def test_db_check_tells_that_the_database_is_away():
    done = docker(
        "run",
        "--rm",
        *BONDS,
        "--env=DATABASE_URL=postgresql://a:b@127.0.0.1:1/x",
        IMAGE,
        "jobs.db_check",
    )
    assert (done.returncode, "cannot connect to the database" in done.stdout) == (75, True), (
        done.stdout
    )


def test_it_runs_any_job_and_nothing_by_itself(config):
    assert (config["Config"]["Entrypoint"], config["Config"]["Cmd"]) == (["python", "-m"], None)


def test_it_is_nobody_s_root(config):
    assert config["Config"]["User"] == "10001:10001"


def test_it_says_what_it_is(config):
    labels = {name.removeprefix("org.opencontainers.image.") for name in config["Config"]["Labels"]}
    assert labels >= {"title", "description", "version", "revision"}


def test_it_is_small(config):
    assert config["Size"] < SIZE_LIMIT_BYTES


@pytest.mark.parametrize("program", ["gcc", "cc", "make", "ld", "git", "pip", "pip3", "curl"])
def test_no_tool_of_the_build_is_left(program):
    done = docker("run", "--rm", *BONDS, "--entrypoint", "sh", IMAGE, "-c", f"command -v {program}")
    assert done.stdout == ""


def test_nothing_but_the_product_is_inside():
    done = docker("run", "--rm", *BONDS, "--entrypoint", "ls", IMAGE, "-A", "/app")
    assert done.stdout.split() == ["alembic", "alembic.ini", "jobs", "lib"]
