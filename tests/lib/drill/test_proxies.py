"""The proxies before the portal and the database: whole while they are there, away as a dead host."""

from __future__ import annotations

import http.server
import ssl
import threading
from contextlib import contextmanager

import httpx
import pytest
import trustme
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from lib.drill import portal_proxy
from lib.drill.database_proxy import database_proxy
from lib.drill.portal_proxy import portal_proxy as proxy_before
from lib.errors import ConfigurationError

pytestmark = pytest.mark.integration
PAGE = b"figures " * 50_000


class Portal(http.server.BaseHTTPRequestHandler):
    """Says what it was asked, or a large page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        content = PAGE if self.path == "/large" else f"{self.path} {self.headers['Host']}".encode()
        self.answer(content)

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, content):
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def portal(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(http_, url):
    """Return the status, or None where the link broke."""
    try:
        return http_.get(url).status_code
    except httpx.TransportError:
        return None


@contextmanager
def client(listener, verify=True):
    url = portal_proxy.environment(listener)["HTTPS_PROXY"]
    with httpx.Client(proxy=url, verify=verify, timeout=300) as through:
        yield through


def test_a_plain_portal_is_asked_as_without_it():
    with portal() as host, proxy_before(99, lambda: None) as listener, client(listener) as http_:
        assert (
            http_.get(f"http://{host}/mis/page?store=A668").text == f"/mis/page?store=A668 {host}"
        )
        assert http_.get(f"http://{host}/large").content == PAGE
        assert http_.get(f"http://{host}/").headers["connection"] == "close", "its link ends"
        assert http_.post(f"http://{host}/", content=PAGE).content == PAGE


def certified():
    """Return how a portal at loopback proves its name, and how a client checks it."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)

    return serving, trusting


def test_an_encrypted_portal_proves_its_name_through_it():
    serving, trusting = certified()

    with (
        portal(serving) as host,
        proxy_before(99, lambda: None) as listener,
        client(listener, trusting) as http_,
    ):
        assert http_.get(f"https://{host}/large").content == PAGE
        assert http_.get(f"https://{host}/again").text == f"/again {host}"


def test_from_the_nth_exchange_on_nothing_answers_until_it_comes_back():
    struck = threading.Event()

    with portal() as host, proxy_before(3, struck.set) as listener, client(listener) as http_:
        http_.get(f"http://{host}/1")
        http_.get(f"http://{host}/2")
        assert not struck.is_set()

        for _ in range(3):
            with pytest.raises(httpx.TransportError):
                http_.get(f"http://{host}/3")
        assert struck.is_set()

        listener.come_back()
        assert http_.get(f"http://{host}/4").status_code == 200


def test_a_tunnel_is_cut_in_the_middle():
    serving, trusting = certified()

    with (
        portal(serving) as host,
        proxy_before(5, lambda: None) as listener,
        client(listener, trusting) as http_,
    ):
        answers = [answer(http_, f"https://{host}/page") for _ in range(6)]

    # The handshake is two exchanges or three, by the version of TLS.
    assert answers[0] == 200
    assert answers[-2:] == [None, None]


def test_the_database_is_reached_through_it_and_refused_while_it_is_away(database):
    with database_proxy(database) as (listener, url):
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"))

        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
            listener.go_away()
            with pytest.raises(OperationalError):
                connection.execute(text("SELECT 1"))

        with pytest.raises(OperationalError, match="Connection refused"):
            engine.connect()

        listener.come_back()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 2")).scalar_one() == 2
        engine.dispose()


def test_the_server_s_own_name_stays_for_its_certificate():
    with database_proxy("postgresql://u:p@db.example.invalid:6543/d?sslmode=verify-full") as made:
        listener, url = made

    parts = make_url(url)
    assert (parts.host, parts.port) == ("db.example.invalid", listener.port)
    assert parts.query == {"sslmode": "verify-full", "hostaddr": "127.0.0.1"}


@pytest.mark.parametrize(
    "url",
    ["postgresql:///d", "postgresql:///d?host=/run/postgresql", "postgresql://u@/d?host=%2Frun"],
)
def test_a_server_behind_a_local_socket_is_reached_by_tcp(url):
    with database_proxy(url) as (listener, through):
        parts = make_url(through)

    assert (parts.host, parts.port, dict(parts.query)) == ("127.0.0.1", listener.port, {})


def test_several_hosts_are_refused():
    with (
        pytest.raises(ConfigurationError, match="several hosts"),
        database_proxy("postgresql:///d?host=a.example.invalid,b.example.invalid"),
    ):
        pass
