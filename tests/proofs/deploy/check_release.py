"""Releases come, are refused, return and go. Run by `make test-deploy` after check_night.py."""

import pytest

from tests.proofs.deploy.booted import NOWHERE
from tests.proofs.deploy.programs import docker

AWAY = "postgresql://a:b@127.0.0.1:9/x"
REVISION = "SELECT version_num FROM alembic_version"
DOCUMENTS = "SELECT count(*) FROM documents"

REPORTS_A_MORNING = 3
"""Those of the two report stores, and the one of all stores."""
KEPT = 3


@pytest.fixture
def vault(operator, stage):
    """Change secrets in the vault for one test."""
    yield lambda **secrets: operator.fill_vault(stage.secrets | secrets)
    operator.fill_vault(stage.secrets)


@pytest.fixture
def tiny_disk(host):
    """Let what jobs and archives are written to be a disk of 50 MB for one test."""
    host.run("mount -t tmpfs -o size=50m tmpfs /var/lib/simplify")
    yield
    host.run("umount --lazy /var/lib/simplify")


@pytest.fixture
def failed_run(host):
    """The latest run could not read anything, so it has no report and no mail of a store."""
    host.write("/etc/simplify/local.env", NOWHERE)
    assert "login failed" in host.run("simplify daily --force --no-notify", check=False)
    host.calm()


@pytest.fixture
def unchanged(host, stage):
    """The version that runs, and the schema, are the same before and after the test."""
    before = (host.release(), stage.sql(REVISION))
    yield
    assert (host.release(), stage.sql(REVISION)) == before


def id_of(image):
    return docker("image", "inspect", "--format={{.Id}}", image)


def refused(play):
    code, text = play
    assert code != 0, text[-3000:]
    return " ".join(text.split())


@pytest.mark.usefixtures("unchanged")
class TestRefused:
    """Each stops before the running version changes, and says why."""

    def test_a_missing_secret(self, operator, next_release, vault):
        vault(TD_A668_PASSWORD="")
        assert "No value for TD_A668_PASSWORD: fill in the vault. Nothing was changed." in refused(
            operator.deploy(next_release)
        )

    @pytest.mark.parametrize("value", [42798, 45045, True], ids=["0123456", "12:30:45", "yes"])
    def test_a_secret_that_yaml_read_as_something_else(self, operator, next_release, vault, value):
        vault(TD_A668_PASSWORD=value)
        said = refused(operator.deploy(next_release))

        assert "TD_A668_PASSWORD: YAML reads the value as a number" in said
        assert "quote it" in said

    def test_a_wrong_vault_password(self, operator, next_release):
        right = operator.password_file.read_text()
        operator.password_file.write_text("not the vault's\n")
        said = refused(operator.deploy(next_release))
        operator.password_file.write_text(right)

        assert "Decryption failed" in said

    def test_a_tag(self, operator, next_release):
        assert "name it by digest" in refused(
            operator.deploy(next_release, app_image="simplify:latest")
        )

    @pytest.mark.usefixtures("tiny_disk")
    def test_a_disk_that_is_full_before(self, operator, next_release):
        said = refused(operator.deploy(next_release))
        assert "/var/lib/simplify has 50 MB free, 4000 are needed" in said

    @pytest.mark.usefixtures("tiny_disk")
    def test_a_disk_that_fills_meanwhile(self, operator, next_release):
        assert "No space left on device" in refused(operator.deploy(next_release, host_free_mb=1))

    def test_a_database_that_is_away(self, operator, next_release, vault):
        vault(DATABASE_URL=AWAY)
        said = refused(operator.deploy(next_release))

        assert "cannot connect to the database" in said
        assert "The running version was not changed." in said


def test_a_red_smoke_test_leaves_the_version_that_runs(operator, host, next_release, vault):
    before = host.release()
    vault(TD_A668_PASSWORD="wrong")
    said = refused(operator.deploy(next_release))

    assert "Log in, fetch and check everything" in said
    assert host.release() == before


def test_the_version_that_runs_goes_on_although_the_schema_is_newer_now(host, stage):
    assert stage.sql(REVISION) == "next_release"
    host.run("systemctl start simplify@status")


@pytest.mark.usefixtures("failed_run")
def test_an_upgrade_after_a_failed_run_keeps_the_data_and_removes_retired_units(
    operator, host, stage, next_release
):
    rows = stage.sql(DOCUMENTS)
    host.write(
        "/etc/systemd/system/simplify@gone.timer.d/schedule.conf", "[Timer]\nOnCalendar=daily\n"
    )
    host.write("/etc/systemd/system/simplify-old.service", "[Service]\nExecStart=/bin/true\n")
    host.run("systemctl daemon-reload && systemctl enable --now simplify@gone.timer")
    code, text = operator.deploy(next_release)

    assert code == 0, text[-3000:]
    assert host.image() == id_of(next_release)
    assert (stage.sql(DOCUMENTS), stage.sql(REVISION)) == (rows, "next_release")
    assert (
        host.run(
            "ls -d /etc/systemd/system/simplify@gone* /etc/systemd/system/simplify-old* || true"
        )
        == ""
    )
    assert "gone" not in host.run("systemctl list-timers --all --no-pager")


def test_a_rollback_runs_the_version_before_on_the_newer_schema(operator, host, stage, release):
    rows, since = int(stage.sql(DOCUMENTS)), host.now()
    code, text = operator.rollback()

    assert code == 0, text[-3000:]
    assert host.image() == id_of(release)
    assert (stage.sql(DOCUMENTS), stage.sql(REVISION)) == (str(rows), "next_release")
    host.run("simplify daily --force", timeout_s=900)
    assert int(stage.sql(DOCUMENTS)) == rows + REPORTS_A_MORNING
    assert host.count("simplify-alert@daily", "Starting", since) == 0


def test_the_older_version_is_deployed_again_as_any_other(operator, host, stage, release):
    code, text = operator.deploy(release, app_memory="1g")

    assert code == 0, text[-3000:]
    assert (host.image(), stage.sql(REVISION)) == (id_of(release), "next_release")


def test_old_releases_go_with_their_images(operator, host, release):
    host.run("mkdir -p /etc/simplify/releases/old /etc/simplify/releases/torn")
    old = host.run("tar -c --files-from=/dev/null | docker import - ancient:1")
    host.write("/etc/simplify/releases/old/host.env", f"SIMPLIFY_IMAGE={old}\n")
    host.run("touch -d 2020-01-01 /etc/simplify/releases/old /etc/simplify/releases/torn")
    linked = host.run("readlink /etc/simplify/current /etc/simplify/previous").splitlines()
    code, text = operator.deploy(release, app_memory="1g")

    assert code == 0, text[-3000:]
    stay = host.run("ls -d /etc/simplify/releases/*").splitlines()
    assert (len(stay), set(linked) <= set(stay)) == (KEPT, True)
    used = set(
        host.run("sed -s -n s/SIMPLIFY_IMAGE=//p /etc/simplify/releases/*/host.env").splitlines()
    )
    assert set(host.run("docker image ls --quiet --no-trunc").splitlines()) == used
