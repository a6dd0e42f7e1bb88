"""A morning at a real Apache with mod_php, which serves one session one request at a time.

Needs Debian's apache2 and libapache2-mod-php. Run: make test-php
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from loguru import logger

from demo.portal import World
from demo.portal.dashboard import dashboard_page, style_of
from demo.portal.exports import Export, render, rows_of, spelling_of
from demo.portal.figures import figures
from demo.portal.pages import logged_out_page
from lib import portal
from lib.config import Account, PortalSettings
from lib.domain.exports import EXPORTS
from lib.model import Bucket
from lib.portal.session import storage_state

HERE = Path(__file__).parent
T = date(2025, 12, 9)
WORLD = World(stores=16, scale=0.1)
SESSION = "0123456789abcdef0123456789abcdef"

#: Four pages one after another take longer than the time-out. The lock may let others go first for
#: as long as four are in flight: until 11 dashboards are there, and the three that are on their way
#: then. 14 pages take less than the four time-outs that a request has by then.
TAKES_S = 0.5
TIMEOUT_S = 1.9
IN_FLIGHT = 4

RENDERED = {
    Bucket.MISSED_LEADS: Export.MISSED_LEADS,
    Bucket.UNDELIVERED_ALL: Export.UNDELIVERED_ALL,
    Bucket.REPEAT_CUSTOMERS: Export.REPEAT_CUSTOMERS,
}


@dataclass(frozen=True)
class Server:
    address: str
    root: Path

    def requests(self):
        """Return the pages that were asked for, in the order in which they were served."""
        lines = (self.root / "access.log").read_text().splitlines()
        return [line for line in lines if "/mis/" in line]


def php_module():
    [module] = Path("/usr/lib/apache2/modules").glob("libphp*.so")
    return f"LoadModule php_module {module}"


def draw_pages(pages):
    """Write what the portal shows: a dashboard and the exports of each store."""
    (pages / "logged_out.html").write_text(logged_out_page())

    for store in WORLD.by_code.values():
        page = dashboard_page(store, figures(WORLD, store, T), style_of(WORLD, store, T))
        (pages / f"{store.code}-partner_dashboard").write_text(page)

        for bucket, export in RENDERED.items():
            name = EXPORTS[bucket].path_of(store.code).partition("?")[0].rpartition("/")[2]
            rows = rows_of(WORLD, export, store, T + timedelta(days=1))
            body = render(rows, spelling_of(WORLD, store), {})
            (pages / f"{store.code}-{name}").write_bytes(body)


@pytest.fixture
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("apache")
    for parent in (root, *root.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)

    (root / "pages").mkdir()
    draw_pages(root / "pages")
    shutil.copy(HERE / "page.php", root)

    sessions = root / "sessions"
    sessions.mkdir()
    (sessions / f"sess_{SESSION}").write_text("logged_in|b:1;")
    (root / "php.ini").write_text(f"session.save_path = {sessions}\nsession.save_handler = files\n")

    account = pwd.getpwnam("www-data") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    if os.geteuid() == 0:
        for path in (sessions, *sessions.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    config = (HERE / "apache.conf").read_text()
    values = {
        "root": root,
        "port": port,
        "php": php_module(),
        "user": account.pw_name,
        "group": account.pw_gid if os.geteuid() else "www-data",
        "takes_ms": int(TAKES_S * 1000),
    }
    for name, value in values.items():
        config = config.replace(f"{{{name}}}", str(value))
    (root / "apache.conf").write_text(config)

    command = ["apache2", "-f", root / "apache.conf", "-DFOREGROUND"]
    # Its own session: at its end Apache sends SIGTERM to its whole process group.
    with subprocess.Popen(command, start_new_session=True) as apache:
        address = f"http://127.0.0.1:{port}"
        try:
            await_answer(apache, address)
            yield Server(address, root)
        finally:
            apache.terminate()
            apache.wait(30)


def await_answer(apache, address):
    for _ in range(600):
        assert apache.poll() is None, "Apache did not start"
        with contextlib.suppress(httpx.ConnectError):
            httpx.get(address, timeout=30)
            return
        time.sleep(0.05)
    pytest.fail("Apache does not answer")


@pytest.fixture
def settings(server, tmp_path):
    made = PortalSettings(
        login_url=f"{server.address}/home/login",
        home_url=f"{server.address}/home",
        tms_base=server.address,
        dashboard_path="/mis/partner_dashboard?store_code={store_code}",
        concurrency=IN_FLIGHT,
        timeout_s=TIMEOUT_S,
        storage_state=tmp_path / "profiles" / "state.json",
        account=Account("A668", "nobody", "not-a-secret"),
        browser_executable=None,
        network_wait_s=1,
    )
    cookie = {
        "name": "ci_session",
        "value": SESSION,
        "domain": "127.0.0.1",
        "path": "/",
        "expires": -1.0,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    storage_state.save(made.storage_state, storage_state.SessionState((cookie,)))
    return made


def test_every_store_is_read_without_a_time_out(server, settings, tmp_path):
    again = []
    number = logger.add(
        lambda message: again.append(str(message.record["extra"]["fields"].get("error"))),
        filter=lambda record: "asking again" in record["message"],
        level=0,
    )
    stores = WORLD.codes
    units = [(code, bucket) for code in stores for bucket in RENDERED]

    with portal.connect(settings) as client:
        started = time.monotonic()
        client.log_in(stores)
        results = [
            *client.run_concurrently(stores, lambda code: client.dashboard(code, T, None)),
            *client.run_concurrently(units, lambda unit: client.download(*unit, tmp_path)),
        ]
        took_s = time.monotonic() - started
        pace = client.pace()

    logger.remove(number)
    asked = len(server.requests())
    least_s = asked * TAKES_S
    sys.stdout.write(f"{asked} pages in {took_s:.1f} s, {took_s / least_s:.2f} of the least\n")

    assert [str(result) for _, result in results if isinstance(result, Exception)] == []
    assert again == [], server.requests()
    assert asked == (len(RENDERED) + 1) * len(stores)
    assert (pace.in_flight, pace.sessions) == (1, 1)
