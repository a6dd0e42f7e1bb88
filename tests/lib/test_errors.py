"""What may be said about an error: our own words, or kind, place and the names of the schema."""

import errno
import http.client
import json
import os
import smtplib
import socket
import ssl

import httpx
import psycopg2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError, IntegrityError

from lib import errors
from lib.errors import ExitCode, Interrupted, InvalidSettings, TemporaryError, describe, exit_code

CANARY = "Asha Example +91-9000000001"


def caught(act, *args, **options):
    """Return the error that `act` raises."""
    try:
        act(*args, **options)
    except Exception as error:  # noqa: BLE001 - any error is what the caller asks for
        return error
    pytest.fail("no error")


def throw(error):
    raise error


def test_our_own_words_are_told():
    assert (
        describe(TemporaryError("the portal is away; run the job again"))
        == "the portal is away; run the job again"
    )
    assert describe(Interrupted("stopped by SIGTERM")) == "stopped by SIGTERM"


def test_all_invalid_settings_are_told():
    assert describe(InvalidSettings(["A is missing", "B is wrong"])) == (
        "invalid settings:\n  - A is missing\n  - B is wrong"
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(errors.JobError, ExitCode.BUG, id="job-error"),
        pytest.param(errors.UsageError, ExitCode.USAGE, id="usage"),
        pytest.param(errors.TemporaryError, ExitCode.TEMPORARY, id="temporary"),
        pytest.param(errors.ConfigurationError, ExitCode.CONFIGURATION, id="configuration"),
        pytest.param(errors.InvalidSettings, ExitCode.CONFIGURATION, id="settings"),
        pytest.param(errors.Interrupted, ExitCode.TEMPORARY, id="interrupted"),
    ],
)
def test_every_error_knows_its_exit_code(error, code):
    assert error.exit_code is code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(OSError(errno.ENOSPC, "x"), ExitCode.TEMPORARY, id="disk-full"),
        pytest.param(OSError(errno.EIO, "x"), ExitCode.TEMPORARY, id="disk-broken"),
        pytest.param(OSError(errno.EMFILE, "x"), ExitCode.TEMPORARY, id="too-many-files"),
        pytest.param(MemoryError(), ExitCode.TEMPORARY, id="no-memory"),
        pytest.param(
            PermissionError(errno.EACCES, "x"), ExitCode.CONFIGURATION, id="another-owner"
        ),
        pytest.param(OSError(errno.EROFS, "x"), ExitCode.CONFIGURATION, id="read-only"),
        pytest.param(FileNotFoundError(errno.ENOENT, "x"), ExitCode.BUG, id="missing-file"),
        pytest.param(OSError("x"), ExitCode.BUG, id="no-number"),
        pytest.param(ValueError("x"), ExitCode.BUG, id="bug"),
        pytest.param(TemporaryError("x"), ExitCode.TEMPORARY, id="ours"),
        pytest.param(Interrupted("x"), ExitCode.TEMPORARY, id="stopped"),
    ],
)
def test_what_the_machine_refuses_is_no_bug(error, code):
    assert exit_code(error) is code


def test_a_machine_that_refuses_for_now_is_temporary_and_one_that_forbids_is_not():
    full, forbidden = OSError(errno.ENOSPC, "x"), PermissionError(errno.EACCES, "x")

    assert isinstance(errors.of_machine(full, "no room"), TemporaryError)
    assert isinstance(errors.of_machine(forbidden, "not ours"), errors.ConfigurationError)


def test_the_exit_codes_are_the_contract():
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0,
        "BUG": 1,
        "USAGE": 2,
        "TEMPORARY": 75,
        "CONFIGURATION": 78,
    }


def test_an_interruption_passes_whatever_isolates_units_of_work():
    assert not issubclass(Interrupted, Exception)


FOREIGN = {
    "value": lambda: int(CANARY),
    "key": lambda: {}[CANARY],
    "json": lambda: json.loads(f'{{"name": {CANARY}'),
    "text": lambda: CANARY.encode().decode("utf-16"),
    "url-with-credentials": lambda: httpx.get("http://user:9000000001@127.0.0.1:1/"),
    "http-status": lambda: httpx.Response(
        500, request=httpx.Request("GET", f"http://h/{CANARY}")
    ).raise_for_status(),
    "http-header": lambda: throw(http.client.InvalidURL(CANARY)),
    "words-in-an-os-error": lambda: throw(OSError(1, CANARY)),
    "only-words-in-an-os-error": lambda: throw(OSError(CANARY)),
    "file-name": lambda: open(f"/nowhere/{CANARY}"),  # noqa: SIM115, PTH123
    "smtp-answer": lambda: throw(smtplib.SMTPDataError(550, CANARY.encode())),
    "smtp-recipients": lambda: throw(smtplib.SMTPRecipientsRefused({CANARY: (550, b"no")})),
    "group": lambda: throw(ExceptionGroup(CANARY, [ValueError(CANARY)])),
    "raw-database-error": lambda: throw(psycopg2.IntegrityError(CANARY)),
    "wrapped-database-error": lambda: throw(
        IntegrityError(CANARY, {"name": CANARY}, psycopg2.IntegrityError(CANARY))
    ),
}


@pytest.mark.parametrize("act", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.integration
def test_foreign_words_are_never_told(act):
    said = describe(caught(act))

    assert [piece for piece in (CANARY, "Asha", "9000000001", "Example") if piece in said] == []
    assert said


def test_a_foreign_error_is_told_by_kind_and_place():
    assert describe(caught(throw, ValueError(CANARY))).startswith(
        "ValueError at throw (tests/lib/test_errors.py:"
    )


def test_the_place_is_ours_also_when_a_library_raised():
    assert describe(caught(httpx.URL, 3)).startswith(
        "TypeError at caught (tests/lib/test_errors.py:"
    )


def test_of_a_foreign_place_only_the_file_is_told():
    code = compile("def parse(): raise ValueError", "/home/someone/parser.py", "exec")
    names = {}
    exec(code, names)
    error = caught(names["parse"])
    error.__traceback__ = error.__traceback__.tb_next

    assert describe(error) == "ValueError at parse (parser.py:1)"


def test_an_error_that_was_never_raised_has_no_place():
    assert describe(ValueError(CANARY)) == "ValueError at an unknown place"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(OSError(28, os.strerror(28)), "OSError: No space left on device", id="system"),
        pytest.param(ConnectionRefusedError(111, "Connection refused"), "ConnectionRefusedError: Connection refused", id="refused"),
        pytest.param(socket.gaierror(-2, "Name or service not known"), "gaierror: Name or service not known", id="resolver"),
        pytest.param(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number", id="tls"),
    ],
)  # fmt: skip
def test_the_words_of_the_system_are_told(error, said):
    assert describe(error) == said


class TestDatabase:
    """PostgreSQL quotes the row in its messages; we tell the state and the names."""

    @pytest.fixture
    def connection(self, empty_database):
        door = create_engine(empty_database.replace("postgresql://", "postgresql+psycopg2://"))
        with door.connect() as connection:
            connection.execute(
                text(
                    "CREATE TEMPORARY TABLE people (name text CONSTRAINT one_name UNIQUE, age int)"
                )
            )
            yield connection
        door.dispose()

    def test_a_duplicate(self, connection):
        insert = text("INSERT INTO people (name) VALUES (:name)")
        connection.execute(insert, {"name": CANARY})
        with pytest.raises(IntegrityError, match="Asha") as refusal:
            connection.execute(insert, {"name": CANARY})

        assert describe(refusal.value) == "IntegrityError: SQLSTATE 23505 one_name people"
        assert describe(refusal.value.orig) == "UniqueViolation: SQLSTATE 23505 one_name people"

    def test_a_value_of_the_wrong_type(self, connection):
        with pytest.raises(DataError, match="Asha") as refusal:
            connection.execute(
                text("INSERT INTO people (age) VALUES (CAST(:name AS integer))"), {"name": CANARY}
            )
        assert describe(refusal.value) == "DataError: SQLSTATE 22P02"
