"""deploy/ansible/draw_certificates.sh: what `make draw-certificates` makes, without an inventory or a vault."""

import os
import re
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

SCRIPT = Path(__file__).parents[3] / "deploy" / "ansible" / "draw_certificates.sh"
LISTED = "#!/bin/sh\necho '  hosts (3):'\necho '    main'\necho '    draw-1'\necho '    ca'\n"
NOBODY = "#!/bin/sh\necho '  hosts (0):'\n"
# The options are those of `ansible-vault encrypt --output ENCRYPTED PLAIN`.
VAULT = '#!/bin/sh\ncat "$4" >"$3"\nls -ld "$(dirname "$4")" "$(dirname "$4")"/*.key >"$MODES"\n'
DAYS = 365


@pytest.fixture
def controller(tmp_path):
    """Run the script beside stand-ins for Ansible; return how it ended and what it left."""
    variables = tmp_path / "inventory" / "group_vars" / "all"
    variables.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()

    def run(listed=LISTED, vault=VAULT):
        for name, text in (("ansible", listed), ("ansible-vault", vault)):
            (tmp_path / name).write_text(text)
            (tmp_path / name).chmod(0o755)
        done = subprocess.run(
            ["sh", SCRIPT, tmp_path / "inventory"],
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "TMPDIR": str(tmp_path / "tmp"),
                "MODES": str(tmp_path / "modes"),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done, variables / "draw_certificates.yml"

    return run


@pytest.fixture
def made(controller):
    """The variables that one run makes."""
    done, file = controller()
    assert done.returncode == 0, done.stderr
    return yaml.safe_load(file.read_text())


def openssl(*words, given):
    return subprocess.run(
        ["openssl", *words], input=given, capture_output=True, text=True, timeout=300, check=True
    ).stdout


def test_each_host_has_a_certificate_and_its_key(made):
    assert sorted(made) == ["vault_draw_ca", "vault_draw_certificates"]
    assert list(made["vault_draw_certificates"]) == ["main", "draw-1", "ca"]
    blocks = [
        re.findall("BEGIN ([A-Z ]+)", text) for text in made["vault_draw_certificates"].values()
    ]

    assert blocks == [["CERTIFICATE", "PRIVATE KEY"]] * 3
    assert len(set(made["vault_draw_certificates"].values())) == 3


def test_the_key_of_the_ca_is_not_kept(made):
    assert re.findall("BEGIN ([A-Z ]+)", made["vault_draw_ca"]) == ["CERTIFICATE"]


def test_a_certificate_lasts_a_year_and_names_its_host(made):
    text = openssl(
        "x509",
        "-noout",
        "-subject",
        "-nameopt",
        "RFC2253",
        given=made["vault_draw_certificates"]["draw-1"],
    )
    day_s = 24 * 60 * 60

    assert "CN=draw-1" in text
    for days, ends in ((DAYS - 1, 0), (DAYS + 1, 1)):
        done = subprocess.run(
            ["openssl", "x509", "-noout", "-checkend", str(days * day_s)],
            input=made["vault_draw_certificates"]["draw-1"],
            text=True,
            capture_output=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == ends


@pytest.fixture
def context_of(made, tmp_path):
    """TLS of a host, as strict as Python 3.13 is by itself; of another CA on request."""

    def context(host, purpose, made=made):
        (tmp_path / "ca.pem").write_text(made["vault_draw_ca"])
        (tmp_path / "host.pem").write_text(made["vault_draw_certificates"][host])
        one = ssl.create_default_context(purpose, cafile=tmp_path / "ca.pem")
        one.load_cert_chain(tmp_path / "host.pem")
        one.minimum_version = ssl.TLSVersion.TLSv1_3
        one.verify_flags |= ssl.VERIFY_X509_STRICT
        one.check_hostname = False
        one.verify_mode = ssl.CERT_REQUIRED
        return one

    return context


def shake_hands(client, server):
    """Exchange what both sides say until they trust each other; raise SSLError if one does not."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return [side.getpeercert()["subject"][1][0][1] for side in sides]


def test_two_hosts_trust_each_other(context_of):
    client = context_of("main", ssl.Purpose.SERVER_AUTH)
    server = context_of("draw-1", ssl.Purpose.CLIENT_AUTH)

    assert shake_hands(client, server) == ["draw-1", "main"]


def test_a_host_of_an_earlier_ca_is_not_trusted(context_of, controller):
    client = context_of("main", ssl.Purpose.SERVER_AUTH)
    _, file = controller()
    later = context_of("draw-1", ssl.Purpose.CLIENT_AUTH, yaml.safe_load(file.read_text()))

    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(client, later)


def test_keys_are_for_their_owner_and_in_clear_nowhere_afterwards(controller, tmp_path):
    _, file = controller()
    modes = [line.split()[0] for line in (tmp_path / "modes").read_text().splitlines()]

    assert modes == ["drwx------", *["-rw-------"] * 4]
    assert stat.filemode(file.stat().st_mode) == "-rw-------"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_without_a_vault_what_was_there_stays_and_no_key_is_left(controller, tmp_path):
    _, file = controller()
    before = file.read_text()
    done, _ = controller(vault="#!/bin/sh\necho 'ERROR! no vault secrets found' >&2\nexit 1\n")

    assert (done.returncode, "no vault secrets" in done.stderr) == (1, True)
    assert file.read_text() == before
    assert list((tmp_path / "tmp").iterdir()) == []


def test_an_inventory_without_hosts_is_named(controller, tmp_path):
    done, file = controller(listed=NOBODY)

    assert (done.returncode, file.exists()) == (1, False)
    assert done.stderr == f"draw_certificates: {tmp_path}/inventory names no host\n"
