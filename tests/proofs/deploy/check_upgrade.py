"""From the last release to this one, and back: each by its own playbook.

Run by `make test-deploy`, before anything else happens to the host. deploy/last-release names the last release.
"""

import os
from pathlib import Path

import pytest

from tests.proofs.deploy.programs import docker

pytestmark = pytest.mark.skipif(
    not os.environ["LAST_IMAGE"],
    reason="this clone lacks the commit of deploy/last-release, and it cannot be fetched",
)
REVISIONS = Path(__file__).parents[3] / "alembic" / "versions"
REVISION = "SELECT version_num FROM alembic_version"
NEWEST = max(path.stem for path in REVISIONS.glob("[0-9]*.py"))
#: Which files and bytes of daily reports the database knows.
DOCUMENTS = (
    "SELECT string_agg(file_name || ' ' || checksum, ',' ORDER BY id) FROM documents"
    " WHERE doc_type = 'store_daily_pdf' AND status = 'ok'"
)


def id_of(image):
    return docker("image", "inspect", "--format={{.Id}}", image)


def run_the_day(host):
    host.run("systemctl start simplify@daily", timeout_s=900)
    # On Mondays and on the 1st its success starts the week or month, which is owed meanwhile.
    assert (host.property("simplify@daily", "Result"), "daily" in host.owes()) == ("success", False)


def test_the_last_release_is_installed_and_has_a_morning(last_operator, host, stage, last_release):
    code, text = last_operator.deploy(last_release)

    assert code == 0, text[-3000:]
    assert (host.image(), stage.sql(REVISION) < NEWEST) == (id_of(last_release), True)
    run_the_day(host)
    assert {"A668", "A817"} <= {name[:4] for name in host.reports()}


def test_the_upgrade_keeps_what_was_made_and_makes_and_mails_nothing_twice(
    operator, host, stage, release
):
    rows, files, mails = stage.sql(DOCUMENTS), host.reports(), stage.mails("@")
    code, text = operator.deploy(release)

    assert code == 0, text[-3000:]
    assert (host.image(), stage.sql(REVISION)) == (id_of(release), NEWEST)
    run_the_day(host)
    assert stage.sql(DOCUMENTS) == rows
    assert files.items() <= host.reports().items()
    seen = stage.mails("@")
    assert (seen[: len(mails)], set(seen[len(mails) :]) & set(mails)) == (mails, set())


def test_the_last_release_runs_again_on_the_newer_schema_and_units(
    operator, host, stage, last_release
):
    code, text = operator.rollback()

    assert code == 0, text[-3000:]
    assert (host.image(), stage.sql(REVISION)) == (id_of(last_release), NEWEST)
    host.run("simplify daily --force --no-notify", timeout_s=900)
    run_the_day(host)


def test_and_forward_again(operator, host, release):
    code, text = operator.rollback()

    assert code == 0, text[-3000:]
    assert host.image() == id_of(release)
    run_the_day(host)
