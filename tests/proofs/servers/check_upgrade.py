"""A server of PostgreSQL 15 becomes one of 18 between two mornings: docs/how-to/upgrade-postgresql.md, typed.

Run by `make test-servers` in a root that has both versions and Debian's tools for clusters.
"""

from __future__ import annotations

import re
from contextlib import closing

import pytest

from demo.postgres import throwaway_postgres
from tests.alembic.test_adoption import DOCUMENT
from tests.catalogue import catalogue
from tests.databases import Server
from tests.proofs.faults import state
from tests.proofs.servers import clusters, mornings
from tests.proofs.servers.clusters import (
    LOCALE,
    NEW,
    OLD,
    ask,
    printed,
    run,
    shell,
    typed,
    url_of,
)
from tests.proofs.servers.mornings import FIRST, SECOND, everything

OF_DEBIAN_12 = "2.36"
"""The version of the order of texts in a cluster that was made on Debian 12."""
SETTING = "ALTER ROLE simplify SET log_error_verbosity = terse"
"""One of those of docs/explanation/privacy.md, which no dump has."""
SETTINGS = "SELECT setconfig FROM pg_db_role_setting ORDER BY 1"
PASSWORDS = "SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL ORDER BY 1"
INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00")
CAST = re.compile(r"::(?:character varying|text)(?:\[\])?|[()]")
PLAIN = "/var/lib/postgresql/plain"
"""Where the cluster is that no tool of Debian's knows."""
PLAIN_PORT = clusters.PORT + 10
OF_MD5 = "psql -c \"SET password_encryption = 'md5'\""
"""What a password is stored by that was given to a server of before 14."""


@pytest.fixture(scope="module", autouse=True)
def root():
    assert clusters.is_thrown_away(), "run by `make test-servers`, in its root"
    shell(f"localedef -i en_IN -f UTF-8 {LOCALE}")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the stores' files are, first those of the one server, then those of the other."""
    return tmp_path_factory.mktemp("stores") / "chain"


@pytest.fixture(scope="module")
def undisturbed(root, place):
    """What is left by the same two mornings on a server of 15 that stays one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSTGRES_BIN", str(clusters.programs(OLD)))
        with (
            throwaway_postgres() as url,
            closing(Server(url, "demo.postgres")) as server,
            server.database() as name,
            mornings.chain(server, name, place) as here,
        ):
            assert server.describe().startswith(f"PostgreSQL {OLD}.")
            mornings.live_through(here, FIRST)
            mornings.live_through(here, SECOND)

            assert state.broken(here) == []
            return state.inspect_state(here)


@pytest.fixture(scope="module")
def before(undisturbed, place):
    """The chain after a morning on 15; beside it what the system before left, adopted and not yet."""
    shell(f"pg_createcluster {OLD} main --port {clusters.PORT} --locale {LOCALE} --start")
    clusters.give_role("simplify")
    ask(SETTING)
    clusters.give_role("previous")
    document = DOCUMENT.format(code="dashboard_daily", run_id="before")
    mornings.leave_previous(url_of("previous"), document)
    ask("CREATE DATABASE waiting OWNER previous TEMPLATE previous")
    mornings.adopt(url_of("previous"))

    with (
        closing(Server(url_of("simplify"), "a cluster of Debian")) as server,
        mornings.chain(server, "simplify", place) as here,
    ):
        mornings.live_through(here, FIRST)
        assert server.describe().startswith(f"PostgreSQL {OLD}.")
        # as if the machine had been a Debian 12 until now
        ask(f"UPDATE pg_database SET datcollversion = '{OF_DEBIAN_12}'")
        server.close()
        yield here


@pytest.fixture(scope="module")
def kept(before):
    """All that the server of 15 has."""
    with before.engine() as engine, engine.connect() as connection:
        return {
            "rows": everything(url_of("simplify")),
            "objects": objects(connection),
            "settings": ask(SETTINGS),
            "passwords": ask(PASSWORDS),
        }


@pytest.fixture(scope="module")
def upgraded(before, kept):
    """The chain after the commands of the page; its URL is the same."""
    # what Debian's installer does with new programs
    shell(f"pg_createcluster {NEW} main --start")

    shell(typed("! pg_lsclusters"))
    said = shell(typed("pg_upgradecluster"))

    assert "Success. Please check that the upgraded cluster works." in said
    assert before.server.describe().startswith(f"PostgreSQL {NEW}.")
    return before


def objects(connection):
    """Return the catalogue without the casts of text, which each dump writes in another way."""
    found = catalogue(connection)
    for definitions in found["constraints"].values():
        definitions[:] = [CAST.sub("", each) for each in definitions]
    return found


def test_everything_comes_over(upgraded, kept):
    assert everything(url_of("simplify")) == kept["rows"]
    with upgraded.engine() as engine, engine.connect() as connection:
        assert objects(connection) == kept["objects"]
    assert (ask(SETTINGS), ask(PASSWORDS)) == (kept["settings"], kept["passwords"])


def test_another_order_of_texts_is_noticed_and_mended_as_the_page_says(upgraded):
    warning = f"warning: texts were indexed in the order of version {OF_DEBIAN_12}, "
    assert warning in mornings.must(upgraded, "db_check").output

    shell(typed("psql URL").replace("URL", url_of("simplify")))

    assert "texts were indexed" not in mornings.must(upgraded, "db_check").output


def test_the_same_morning_once_more_mails_nothing(upgraded):
    mails = len(upgraded.mailbox.messages())

    mornings.live_through(upgraded, FIRST)

    assert len(upgraded.mailbox.messages()) == mails > 0


def test_the_next_morning_ends_as_on_a_server_that_stayed(upgraded, undisturbed):
    """Every figure, report and reader; and each mail of both mornings arrived once."""
    mornings.live_through(upgraded, SECOND)

    assert state.broken(upgraded) == []
    assert list(undisturbed.differences(state.inspect_state(upgraded))) == []


def test_a_database_of_0007_is_adopted_after_the_upgrade_as_before(upgraded):
    waiting = url_of("previous", "waiting")
    mornings.adopt(waiting)

    assert without_instants(waiting) == without_instants(url_of("previous"))


def without_instants(url):
    return {
        name: sorted(INSTANT.sub("…", row) for row in rows)
        for name, rows in everything(url).items()
    }


def test_the_old_cluster_can_go(upgraded):
    shell(typed("pg_dropcluster 15"))
    mornings.must(upgraded, "db_check")


@pytest.fixture
def types():
    """Return how the servers' account types a command where no tool of Debian's is."""
    known = {
        "OLD": clusters.programs(OLD),
        "NEW": clusters.programs(NEW),
        "OLD_DATA": f"{PLAIN}/old",
        "NEW_DATA": f"{PLAIN}/new",
        "PGPORT": PLAIN_PORT,
    }
    variables = " ".join(f"{name}={value}" for name, value in known.items())
    shell(f"install -d -o postgres {PLAIN}")

    def types(command):
        said = command.replace("SUPERUSER", "postgres").replace("LOCALE", LOCALE)
        return run(f"cd {PLAIN} && export {variables} && {said}", "postgres")

    yield types
    types("$NEW/pg_ctl -D $NEW_DATA -m immediate stop")


def test_without_debian_s_tools(types):
    url = f"postgresql://plain:plain@127.0.0.1:{PLAIN_PORT}/plain"
    printed(types("$OLD/initdb -D $OLD_DATA --locale=LOCALE --encoding=UTF8 -A trust"))
    printed(types("$OLD/pg_ctl -w -D $OLD_DATA -l log start"))
    printed(types("psql -c \"CREATE ROLE plain LOGIN PASSWORD 'plain'\""))
    printed(types("createdb --owner plain plain"))
    printed(types(f"{OF_MD5} -c \"CREATE ROLE of_md5 LOGIN PASSWORD 'of_md5'\""))
    mornings.leave_previous(url)
    rows = everything(url)
    printed(types("$OLD/pg_ctl -w -D $OLD_DATA stop"))

    # as 18 makes a directory by itself
    printed(types(typed("$NEW/initdb").replace(" --no-data-checksums", "")))
    refused = types(typed("$NEW/pg_upgrade"))
    assert refused.returncode == 1
    assert "old cluster does not use data checksums but the new one does" in refused.stdout

    printed(types("rm -r $NEW_DATA"))
    printed(types(typed("$NEW/initdb")))
    assert "Upgrade Complete" in printed(types(typed("$NEW/pg_upgrade")))
    printed(types(typed("$NEW/pg_checksums")))
    printed(types("$NEW/pg_ctl -w -D $NEW_DATA -l log start"))
    printed(types(typed("$NEW/vacuumdb")))

    assert printed(types("psql -qtA -c 'SHOW data_checksums' -c 'SHOW server_version'")).startswith(
        f"on\n{NEW}."
    )
    assert everything(url) == rows
    mornings.adopt(url)

    found = printed(types(f'psql -qtA -c "{typed("SELECT rolname FROM pg_authid")}"'))
    assert found.split() == ["of_md5"]
    log_in = "PGPASSWORD=of_md5 psql -h 127.0.0.1 -U of_md5 -d postgres -c ''"
    assert "password authentication failed" in types(log_in).stderr
    alter = typed("ALTER ROLE").replace("simplify", "of_md5").replace("…", "of_md5")
    printed(types(f'psql -c "{alter}"'))
    printed(types(log_in))
