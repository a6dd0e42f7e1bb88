"""A real IMAP server on loopback: Dovecot, as an ordinary user, with one account.

Debian's package is `dovecot-imapd`; where it is not installed there is nothing to try it on.
"""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import trustme

PROGRAM = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
STARTS_WITHIN_S = 300
USER, PASSWORD = "forms@example.invalid", "p@ss/w:rd-ä"

CONFIGURATION = """\
{first}
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
"""
OF_2_3 = """\
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
ssl_dh =
disable_plaintext_auth = yes
mail_location = maildir:{root}/mail
passdb {{
  driver = static
  args = user={mailbox} password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail
}}
"""
# Debian 13 and later. Its first setting must be the version, and many others have new names.
OF_2_4 = """\
ssl_server_cert_file = {root}/server.pem
ssl_server_key_file = {root}/server.key
auth_allow_cleartext = no
mail_driver = maildir
mail_path = {root}/mail
# no flags of its own beside the reader's
mail_attachment_detection_options =
passdb static {{
  password = "{password}"
  fields {{
    user = {mailbox}
  }}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {root}/mail
  }}
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """A server that is running."""

    port: int
    root: Path

    @property
    def certificate(self) -> Path:
        """Whom the jobs must trust: SSL_CERT_FILE."""
        return self.root / "authority.pem"

    def url(self, password: str = PASSWORD, folder: str = "", host: str = "localhost") -> str:
        """Return RETURNS_IMAP_URL of the account."""
        account = f"{quote(USER, safe='')}:{quote(password, safe='')}"
        return f"imaps://{account}@{host}:{self.port}/{folder}"

    @contextmanager
    def connected(self) -> Iterator[imaplib.IMAP4_SSL]:
        context = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL("localhost", self.port, ssl_context=context, timeout=300) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield client

    def deliver(self, mail: bytes, at: datetime, folder: str = "INBOX") -> None:
        """Put a mail into the folder, as one that came at that time."""
        with self.connected() as client:
            client.create(folder)
            answer, said = client.append(folder, None, imaplib.Time2Internaldate(at), mail)
            assert answer == "OK", said

    def empty(self) -> None:
        """Remove all mails; those of INBOX have UIDs that go on."""
        with self.connected() as client:
            _, [number] = client.select("INBOX")
            if int(number):
                client.store("1:*", "+FLAGS.SILENT", "\\Deleted")
                client.expunge()

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        """Return the flags of each mail: those that a reader sees."""
        with self.connected() as client:
            client.select(folder, readonly=True)
            return client.fetch("1:*", "(FLAGS)")[1]


@contextmanager
def running(root: Path) -> Iterator[ImapServer]:
    """Start a server below `root`, and stop it at the end."""
    assert PROGRAM
    server = ImapServer(_free_port(), root)
    owner = _ordinary_user()
    _prepare(server, owner)
    log = (root / "output.log").open("w")
    process = subprocess.Popen(
        [PROGRAM, "-F", "-c", root / "dovecot.conf"],
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )

    try:
        _await(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(STARTS_WITHIN_S)
        log.close()


def _ordinary_user() -> pwd.struct_passwd:
    """Return ourselves; root is nobody here."""
    return pwd.getpwnam("nobody" if os.geteuid() == 0 else getpass.getuser())


def _prepare(server: ImapServer, owner: pwd.struct_passwd) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(server.root / "authority.pem")
    certificate.private_key_pem.write_to_path(server.root / "server.key")
    for number, pem in enumerate(certificate.cert_chain_pems):
        pem.write_to_path(server.root / "server.pem", append=number > 0)

    first, rest = _dialect()
    text = (CONFIGURATION + rest).format(
        first=first,
        root=server.root,
        port=server.port,
        user=owner.pw_name,
        group=grp.getgrgid(owner.pw_gid).gr_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        mailbox=USER,
        password=PASSWORD,
    )
    (server.root / "dovecot.conf").write_text(text)

    for path in [server.root, *server.root.iterdir()]:
        if os.geteuid() == 0:
            os.chown(path, owner.pw_uid, owner.pw_gid)


def _dialect() -> tuple[str, str]:
    """Return the first line and the last settings that the installed version understands."""
    assert PROGRAM
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, said.split(".")[:2])

    if (major, minor) < (2, 4):
        return "", OF_2_3

    return "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0", OF_2_4


def _await(server: ImapServer, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTS_WITHIN_S

    while time.monotonic() < end and process.poll() is None:
        try:
            with server.connected():
                return
        except OSError:
            time.sleep(0.05)

    said = [path.read_text() for path in server.root.glob("*.log")]
    raise RuntimeError(f"Dovecot did not start: {said}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
