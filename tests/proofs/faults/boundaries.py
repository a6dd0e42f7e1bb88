"""The doors of a run, each with a trap behind it: files, SQL, SMTP, the portal, the browser, the clock, the PDF engine.

Everything here is done to libraries from the test's side, in a process of its own. The product has no hook.
"""

from __future__ import annotations

import builtins
import errno
import imaplib
import io
import os
import re
import select
import signal
import smtplib
import socket
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from multiprocessing.context import SpawnProcess
from pathlib import Path

import httpx
import psycopg2
from psycopg2 import extensions

from lib import dates
from tests.proofs.faults.points import WRITES_SQL, Arm, Door, Fault, Trap

JUMPS = {Fault.CLOCK_FORWARD: timedelta(days=1, hours=1), Fault.CLOCK_BACK: timedelta(days=-2)}
REFUSED_CONNECTIONS = 2
"""After a restart of the database."""
NOBODY_LISTENS = 1
"""A port."""
ANSWER_S = 60.0
DEADLOCK, SERVER_DISK_FULL = "40P01", "53100"


class Clock:
    """Stands still but for jumps and for the time that really goes by."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._started_s = time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._started_s)

    def jump(self, by: timedelta) -> None:
        self._at += by


class Doors:
    """Puts itself between this process and the world.

    There is no way back: for a child that ends with its run.
    """

    def __init__(
        self, clock: Clock, volumes: Path, arm: Arm | None, note: Callable[[], object]
    ) -> None:
        self.trap = Trap(arm, self._strike)
        self._clock = clock
        self._volumes = f"{volumes}/"
        self._note = note
        self._connect = psycopg2.connect
        self._refused_connections = 0
        self._database: dict[str, object] = {}

    def install(self) -> None:
        dates.now = self._clock.now
        self._watch_files()
        self._watch_sql()
        self._watch_smtp()
        self._watch_portal()
        self._watch_imap()
        self._watch_processes()

    def _strike(self, arm: Arm) -> None:
        """Do what does not depend on the operation that is struck."""
        self._note()
        match arm.fault:
            case Fault.SIGKILL if not (
                arm.point.door is Door.FILE and arm.point.label.startswith("write")
            ):
                os.kill(os.getpid(), signal.SIGKILL)
            case Fault.SIGTERM:
                os.kill(os.getpid(), signal.SIGTERM)
            case Fault.RESTART:
                self._refused_connections = REFUSED_CONNECTIONS
                self._end_sessions()
            case Fault.CRASH:
                self._crash()
            case Fault.CLOCK_FORWARD | Fault.CLOCK_BACK:
                self._clock.jump(JUMPS[arm.fault])

    # -- files ---------------------------------------------------------------------------------------------------

    def _watch_files(self) -> None:
        sys.addaudithook(self._audit)
        really_open, really_write = io.open, os.write
        doors = self

        class Raw(io.FileIO):
            def write(self, data):
                return doors._write(self.fileno(), data, super().write)

        def opened(
            file,
            mode="r",
            buffering=-1,
            encoding=None,
            errors=None,
            newline=None,
            closefd=True,
            opener=None,
        ):
            if not (set(mode) & set("wax+") and doors._inside(file)):
                return really_open(
                    file, mode, buffering, encoding, errors, newline, closefd, opener
                )
            raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd, opener)
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return (
                buffered
                if "b" in mode
                else io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline)
            )

        def synced(descriptor):
            # Only counted: it is for power cuts, which no process can see, and takes most of a run's time.
            if name := doors._inside(descriptor):
                doors._file(f"fsync {name}")

        def written(descriptor, data):
            if doors._inside(descriptor):
                return doors._write(descriptor, data, lambda part: really_write(descriptor, part))
            return really_write(descriptor, data)

        io.open = builtins.open = opened
        os.fsync = synced
        os.write = written

    def _audit(self, event: str, details: tuple) -> None:
        if event == "open":
            path, mode, flags = details
            is_written = (
                flags & (os.O_WRONLY | os.O_RDWR) if mode is None else set(mode) & set("wax+")
            )
            if is_written and not isinstance(path, int) and (name := self._inside(path)):
                self._file(f"open {name}")
        elif event in {"os.rename", "os.remove", "os.mkdir"} and (
            name := self._inside(_whole(event, details))
        ):
            self._file(f"{event.removeprefix('os.')} {name}")

    def _inside(self, file: object) -> str | None:
        """Return the name of a file of our volumes, relative to them."""
        if isinstance(file, int):
            with suppress(OSError):
                file = Path(f"/proc/self/fd/{file}").readlink()
        path = os.fspath(file) if isinstance(file, str | os.PathLike) else ""
        return path[len(self._volumes) :] if path.startswith(self._volumes) else None

    def _file(self, label: str) -> None:
        fault = self.trap.reach(Door.FILE, label)
        if fault is Fault.ERROR:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self.trap.is_disk_full and not label.startswith("remove"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _write(self, descriptor: int, data: bytes, really: Callable[[bytes], int]) -> int:
        fault = self.trap.reach(Door.FILE, f"write {self._inside(descriptor)}")
        half = memoryview(data)[: len(data) // 2]
        if fault is Fault.SIGKILL:
            really(half)
            os.kill(os.getpid(), signal.SIGKILL)
        if fault is Fault.ERROR:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if fault is Fault.DISK_FULL and len(half):
            return really(half)
        if self.trap.is_disk_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return really(data)

    # -- SQL -----------------------------------------------------------------------------------------------------

    def _watch_sql(self) -> None:
        doors = self

        class Cursor(extensions.cursor):
            def execute(self, query, values=None):
                doors._statement(query, super().execute)
                return super().execute(query, values)

            def copy_expert(self, sql, file, *more):
                doors._statement(sql, super().execute)
                return super().copy_expert(sql, file, *more)

        class Connection(extensions.connection):
            def commit(self):
                fault = doors.trap.reach(Door.SQL, "COMMIT")
                if fault is Fault.ERROR:
                    doors._end_sessions(self.info.backend_pid)
                super().commit()
                if fault is Fault.LOST_ANSWER:
                    doors._end_sessions(self.info.backend_pid)
                    extensions.connection.cursor(self, cursor_factory=extensions.cursor).execute(
                        "SELECT 1"
                    )

        def connected(*given, **options):
            fault = doors.trap.reach(Door.SQL, "connect")
            doors._database = options
            if fault is Fault.ERROR or doors._refused_connections:
                doors._refused_connections = max(0, doors._refused_connections - 1)
                options = {**options, "port": NOBODY_LISTENS}
            return doors._connect(
                *given, **options, connection_factory=Connection, cursor_factory=Cursor
            )

        psycopg2.connect = connected

    def _statement(self, query: object, execute: Callable[[str], object]) -> None:
        text = re.sub(r"\d+", "#", " ".join(str(query).split()))
        fault = self.trap.reach(Door.SQL, text[:90])
        if fault is Fault.ERROR:
            execute(_raise(DEADLOCK))
        if self.trap.is_disk_full and text.startswith(WRITES_SQL):
            execute(_raise(SERVER_DISK_FULL))

    def _end_sessions(self, only: int | None = None) -> None:
        """End the session `only`, or all of this database, and see them gone."""
        if self._database:
            others = "datname = current_database() AND pid <> pg_backend_pid() AND coalesce(pid = %s, true)"
            query = f"SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE {others}"
            with closing(self._administrator()) as connection:
                connection.cursor().execute(query, [only])

    def _crash(self) -> None:
        if self._database:
            with closing(self._administrator()) as connection:
                os.kill(connection.info.backend_pid, signal.SIGKILL)

    def _administrator(self) -> extensions.connection:
        connection = self._connect(**self._database)
        connection.autocommit = True
        return connection

    # -- SMTP ----------------------------------------------------------------------------------------------------

    def _watch_smtp(self) -> None:
        doors = self
        connect, send, hear = smtplib.SMTP._get_socket, smtplib.SMTP.send, smtplib.SMTP.getreply

        def connected(self, *given):
            if doors.trap.reach(Door.SMTP, "connect") is Fault.ERROR:
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            return connect(self, *given)

        def sent(self, data):
            if doors.trap.reach(Door.SMTP, f"send {_verb(data)}") is Fault.ERROR:
                self.sock.shutdown(socket.SHUT_RDWR)
            return send(self, data)

        def heard(self):
            if doors.trap.reach(Door.SMTP, "reply") is Fault.ERROR:
                select.select([self.sock], [], [], ANSWER_S)
                self.close()
                raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
            return hear(self)

        smtplib.SMTP._get_socket, smtplib.SMTP.send, smtplib.SMTP.getreply = connected, sent, heard

    # -- the portal and its browser ------------------------------------------------------------------------------

    def _watch_portal(self) -> None:
        doors = self
        ask = httpx.HTTPTransport.handle_request

        def asked(self, request):
            fault = doors.trap.reach(Door.PORTAL, request.url.raw_path.decode())
            if fault is Fault.LOST_ANSWER:
                ask(self, request).close()
            if fault in {Fault.LOST_ANSWER, Fault.ERROR}:
                raise httpx.ReadError("the link broke", request=request)
            return ask(self, request)

        httpx.HTTPTransport.handle_request = asked

    # -- forms that come back --------------------------------------------------------------------------------------

    def _watch_imap(self) -> None:
        doors = self
        server = imaplib.IMAP4_SSL
        connect, send, hear = server._create_socket, server.send, server.readline

        def connected(self, *given):
            if doors.trap.reach(Door.IMAP, "connect") is Fault.ERROR:
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            return connect(self, *given)

        def sent(self, data):
            if doors.trap.reach(Door.IMAP, f"send {_imap_verb(data)}") is Fault.ERROR:
                self.sock.shutdown(socket.SHUT_RDWR)
            return send(self, data)

        def heard(self):
            if doors.trap.reach(Door.IMAP, "reply") is Fault.ERROR:
                self.sock.shutdown(socket.SHUT_RDWR)
                return b""
            return hear(self)

        server._create_socket, server.send, server.readline = connected, sent, heard

    def _watch_processes(self) -> None:
        doors = self
        start = SpawnProcess.start

        def started(self):
            if doors.trap.reach(Door.PROCESS, "start") is Fault.ERROR:
                raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
            return start(self)

        SpawnProcess.start = started

    def watch_browser(self) -> None:
        """Only where a browser is started: Playwright costs half a second."""
        from playwright.sync_api import BrowserType, Error

        doors = self
        launch = BrowserType.launch

        def launched(self, **options):
            if doors.trap.reach(Door.BROWSER, "launch") is Fault.ERROR:
                raise Error("the browser did not start")
            return launch(self, **options)

        BrowserType.launch = launched


def _whole(event: str, details: tuple) -> object:
    """Return the path of what an event is about, which may be given below an open directory."""
    path, place = details[0], {"os.rename": 2, "os.mkdir": 2}.get(event, 1)
    directory = details[place]
    if directory == -1 or not isinstance(path, str):
        return path
    with suppress(OSError):
        return Path(f"/proc/self/fd/{directory}").readlink() / path
    return path


def _raise(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = 'a fault'; END $$"


def _verb(data: bytes | str) -> str:
    raw = data if isinstance(data, bytes) else data.encode()
    if raw == b".\r\n":
        return "the final dot"
    word = raw.split(None, 1)[0].decode(errors="replace") if raw.strip() else ""
    return word.upper() if word.isalpha() and len(raw) < 300 else "content"


def _imap_verb(data: bytes) -> str:
    """Return the command without its tag; what goes with a login is one word for all of it."""
    words = data.split()
    if len(words) < 2:
        return "content"
    is_uid = words[1].upper() == b"UID"
    return b" ".join(words[1:3] if is_uid else words[1:2]).decode(errors="replace").upper()
