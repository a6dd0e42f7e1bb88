"""Where pages are drawn, from variables: valid as a whole, or every problem."""

import pytest

from lib.config import DrawSettings, Need, Use
from lib.config.env_file import EnvFile
from lib.config.environment import from_variables
from lib.errors import ExitCode, InvalidSettings

ADDRESS = "tls://10.0.0.1:8786"
CA_MISSING = "DRAW_TLS_CA is missing: the file with the CA of the hosts that draw"
CERTIFICATE_MISSING = (
    "DRAW_TLS_CERT is missing: the file with the certificate of this host and its key"
)


@pytest.fixture
def files(tmp_path):
    ca, certificate = tmp_path / "ca.pem", tmp_path / "host.pem"
    for file, mode in ((ca, 0o644), (certificate, 0o600)):
        file.write_text("")
        file.chmod(mode)
    return {"DRAW_TLS_CA": str(ca), "DRAW_TLS_CERT": str(certificate)}


def read(needs=(Use.DRAW,), **given):
    return from_variables(given, EnvFile(), needs).draw


def problems(needs=(Use.DRAW,), **given):
    with pytest.raises(InvalidSettings) as refusal:
        read(needs, **given)
    assert refusal.value.exit_code is ExitCode.CONFIGURATION
    return refusal.value.problems


def test_by_default_a_host_draws_alone_on_all_its_processors():
    assert read() == DrawSettings("", None, None, None)


def test_scheduler_and_files_are_heard_together(tmp_path, files):
    assert read(DRAW_SCHEDULER=ADDRESS, **files) == DrawSettings(
        ADDRESS, tmp_path / "ca.pem", tmp_path / "host.pem", None
    )


@pytest.mark.parametrize("address", ["tls://main.example.invalid:8786", "tls://[fd00::1]:8786"])
def test_a_scheduler_has_a_name_or_an_address(files, address):
    assert read(DRAW_SCHEDULER=address, **files).scheduler == address


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.1:8786",
        "10.0.0.1:8786",
        "tls://10.0.0.1",
        "tls://:8786",
        "tls://10.0.0.1:0",
        "tls://10.0.0.1:99999",
        "tls://user@10.0.0.1:8786",
        "tls://10.0.0.1:8786/status",
        "tls://10.0.0.1:8786?x=1",
    ],
)
def test_pages_travel_encrypted_or_not_at_all(files, address):
    [problem] = problems(DRAW_SCHEDULER=address, **files)
    assert problem.startswith(f"DRAW_SCHEDULER is {address!r}; it must be like tls://10.0.0.1:8786")


def test_a_scheduler_needs_both_files():
    assert problems(DRAW_SCHEDULER=ADDRESS) == [CA_MISSING, CERTIFICATE_MISSING]


@pytest.mark.parametrize("name", ["DRAW_TLS_CA", "DRAW_TLS_CERT"])
def test_a_file_that_is_not_there_is_refused(files, name):
    given = files | {name: "/nowhere.pem"}
    assert problems(DRAW_SCHEDULER=ADDRESS, **given) == [
        f"{name} names /nowhere.pem, which is no file"
    ]


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o644, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path, files, mode):
    file = tmp_path / "host.pem"
    file.chmod(mode)
    assert problems(DRAW_SCHEDULER=ADDRESS, **files) == [
        f"DRAW_TLS_CERT names {file}, whose key others can read or change; run: chmod 0600 {file}"
    ]


def test_a_service_needs_what_it_cannot_serve_without():
    assert problems([Need.DRAW_TLS]) == [CA_MISSING, CERTIFICATE_MISSING]
    assert problems([Need.DRAW_SCHEDULER, Need.DRAW_TLS]) == [
        "DRAW_SCHEDULER is missing: tls://10.0.0.1:8786, with the main host's address",
        CA_MISSING,
        CERTIFICATE_MISSING,
    ]


def test_a_job_that_draws_nothing_is_not_refused():
    settings = from_variables({"DRAW_SCHEDULER": "tcp://h:1"}, EnvFile(), [])
    assert [text for text in settings.warnings if "DRAW_SCHEDULER" in text]
