"""The host that `make test-deploy` lives on, from its first boot to its last.

One for all of its tests.
"""

import os
from pathlib import Path

import pytest

from tests.proofs.deploy.booted import Host
from tests.proofs.deploy.operating import Operator
from tests.proofs.deploy.programs import docker
from tests.proofs.deploy.stage import Stage


@pytest.fixture(scope="session")
def stage():
    stage = Stage(f"{os.environ['NAME']}-stage", os.environ["DEMO_IMAGE"])
    yield stage
    docker("rm", "--force", "--volumes", stage.name)


@pytest.fixture(scope="session")
def host(stage):
    host = Host(f"{os.environ['NAME']}-host", os.environ["HOST_IMAGE"], stage)
    yield host
    host.remove()


@pytest.fixture(scope="session")
def worker_hosts():
    """Two hosts with networks of their own, by the names that they have in the inventory."""
    hosts = {
        name: Host(f"{os.environ['NAME']}-{name}", os.environ["HOST_IMAGE"])
        for name in ("draw-1", "draw-2")
    }
    yield hosts
    for host in hosts.values():
        host.remove()


@pytest.fixture
def morning(host, stage):
    """A morning on which nothing was done yet: no run, report or mail of the day is known."""
    stage.sql("TRUNCATE pipeline_run_summaries, documents, notification_messages CASCADE")
    stage.run("rm -f /stage/mails/*.eml")
    host.run("find /var/lib/simplify/reports -name '*.pdf' -delete")
    return host.now()


@pytest.fixture(scope="session")
def operator(stage, tmp_path_factory):
    return Operator(tmp_path_factory.mktemp("operator"), stage, Path(os.environ["HOST_KEY"]))


@pytest.fixture(scope="session")
def last_operator(stage, tmp_path_factory):
    """The same person with the checkout of the last release."""
    return Operator(
        tmp_path_factory.mktemp("last"),
        stage,
        Path(os.environ["HOST_KEY"]),
        source=Path(os.environ["LAST_CHECKOUT"]),
    )


@pytest.fixture
def last_release():
    """The image of the last release (deploy/last-release)."""
    return os.environ["LAST_IMAGE"]


@pytest.fixture(scope="session")
def release():
    """The image of this checkout."""
    return os.environ["IMAGE"]


@pytest.fixture
def next_release():
    """The image after it, which brings a migration."""
    return os.environ["NEXT_IMAGE"]
