"""The workflows: what they run exists here, and nothing of others can change under our feet."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
SECRET_IN_A_COMMAND = re.compile(r"\$\{\{\s*(?:secrets|inputs|github\.event)\.")


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.name)
def workflow(request):
    return yaml.safe_load(request.param.read_text())


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_actions_are_pinned_by_commit(workflow):
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []


def test_no_command_is_made_of_secrets_or_of_what_somebody_typed(workflow):
    assert [
        step["run"] for step in steps(workflow) if SECRET_IN_A_COMMAND.search(step.get("run", ""))
    ] == []


def test_a_workflow_may_read_only_and_ends_in_time(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


def test_a_deployment_waits_for_approval():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy-prod.yml").read_text())
    assert {name: "environment" in job for name, job in workflow["jobs"].items()} == {
        "deploy": True
    }


def test_every_gate_is_called_by_its_target_of_make():
    said = {
        word
        for path in WORKFLOWS
        for line in re.findall(r"run: make (.+)", path.read_text())
        for word in line.split()
    }

    assert said == {
        "test",
        "ARGS=--cov",
        "test-proofs",
        "test-install",
        "test-servers",
        "test-deploy",
        "audit",
        "image",
        "sbom",
    }
    assert said - {"ARGS=--cov"} <= set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )


def test_the_deployment_is_tested_on_every_debian_that_is_promised():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    hosts = workflow["jobs"]["deploy"]["strategy"]["matrix"]["host"]

    assert hosts == ["trixie", "bookworm"]
    assert "to a fresh Debian 12 or 13." in (ROOT / "docs/how-to/install-a-host.md").read_text()


def test_the_servers_are_to_be_had_and_pyproject_says_what_was_seen():
    """And pyproject.toml names the versions of Python that the page has a row of."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    rows = workflow["jobs"]["servers"]["strategy"]["matrix"]["include"]
    page = (ROOT / "docs/reference/versions.md").read_text()
    run = (ROOT / "tests/proofs/servers/run.sh").read_text()

    assert [row for row in rows if f'"{row["python"]} with {row["postgresql"]}"' not in run] == []

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = [each.rpartition(" ")[2] for each in project["classifiers"]]
    assert said == sorted(set(re.findall(r"^\| (3\.\d+) \| \d+\.", page, re.MULTILINE)))


def test_the_page_names_every_server_that_can_be_tried():
    page = (ROOT / "docs/reference/versions.md").read_text()
    run = (ROOT / "tests/proofs/servers/run.sh").read_text()
    choice = run[run.index('case "$PYTHON with $PG" in') :].partition("*)")[0]

    named = []
    for python, servers in re.findall(r"^\| (3\.\d+) \| (\d\d(?:, \d\d)*) \|", page, re.MULTILINE):
        named += [f"{python} with {server}" for server in servers.split(", ")]

    assert sorted(named) == sorted(re.findall(r'"([\d.]+ with \d+)"', choice))


def test_the_deployment_s_last_release_is_a_commit_of_the_history(workflow):
    """A checkout without its history could not build the release that the upgrade begins with."""
    for job in workflow["jobs"].values():
        commands = [step.get("run", "") for step in job["steps"]]
        if "make test-deploy" in commands:
            assert job["steps"][0]["with"]["fetch-depth"] == 0


def test_no_log_leaves_a_deployment_before_its_secrets_are_taken_out():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy-prod.yml").read_text())
    names = [step.get("name") for step in steps(workflow)]

    assert names.index("Take every secret out of the log") < names.index("Keep the log")
