import pytest

from lib.config import env_file
from lib.config.env_file import EnvFile


@pytest.fixture
def file(tmp_path):
    file = tmp_path / ".env"
    file.touch(mode=0o600)
    return file


def test_no_file_is_an_empty_one(tmp_path):
    assert env_file.read(tmp_path / ".env") == EnvFile()


def test_values_are_taken_to_the_letter(file):
    file.write_text(
        """
        # a comment
        PLAIN=one
        export EXPORTED=two
        EMPTY=
        QUOTED="with # and  spaces"
        SINGLE='it is "so"'
        PASSWORD=p@$${HOME}%s#w\\n
        HINDI=दुकान
        LAST=first
        LAST=last
        """,
        encoding="utf-8",
    )
    assert env_file.read(file) == EnvFile(
        {
            "PLAIN": "one",
            "EXPORTED": "two",
            "EMPTY": "",
            "QUOTED": "with # and  spaces",
            "SINGLE": 'it is "so"',
            "PASSWORD": "p@$${HOME}%s#w\\n",
            "HINDI": "दुकान",
            "LAST": "last",
        }
    )


@pytest.mark.parametrize(
    ("line", "name"),
    [
        pytest.param("TD_X_PASSWORD=abc #def", "TD_X_PASSWORD", id="password"),
        pytest.param("TD_X_USERNAME=abc #def", "TD_X_USERNAME", id="user name"),
        pytest.param("export ALERT_URLS=x://y\t#z", "ALERT_URLS", id="exported, tab"),
        pytest.param("REPORT_EMAIL_SMTP_PASSWORD= #def", "REPORT_EMAIL_SMTP_PASSWORD", id="all"),
    ],
)
def test_a_secret_that_a_comment_cuts_short_is_named(file, line, name):
    file.write_text(f"RUN_ENV=dev\n{line}\n")
    assert env_file.read(file).problems == (
        f"{file} line 2: what follows # in {name} is taken for a comment; put it into single quotes",
    )


@pytest.mark.parametrize(
    "line",
    [
        "TD_X_PASSWORD='abc #def'",
        'TD_X_PASSWORD="abc #def"',
        "TD_X_PASSWORD=abc#def",
        "TD_X_PASSWORD='abc' # the comment of a quoted value",
        "RUN_ENV=prod # production",
        "TD_X_PASSWORD = abc",
        "TD_X_PASSWORD=",
    ],
)
def test_a_whole_secret_and_the_comment_of_a_setting_are_fine(file, line):
    file.write_text(f"{line}\n")
    assert env_file.read(file).problems == ()


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbfTD_X_PASSWORD=abc\n", b"TD_X_PASSWORD=abc\r\n"], ids=["mark", "CRLF"]
)
def test_a_file_written_on_windows_is_read(file, content):
    file.write_bytes(content)
    assert env_file.read(file) == EnvFile({"TD_X_PASSWORD": "abc"})


def test_a_line_that_cannot_be_read_is_named_without_its_content(file):
    file.write_text('A=1\nPASSWORD="hunter2\nB=2\n')
    read = env_file.read(file)

    assert read.problems == (
        f"{file} line 2 is not NAME=value; quote values with spaces or quotes",
    )
    assert read.values == {"A": "1", "B": "2"}


def test_a_file_in_another_encoding_is_a_problem(file):
    file.write_bytes("A=ü".encode("latin-1"))
    assert env_file.read(file).problems == (f"{file} cannot be read: not UTF-8 text",)


def test_a_directory_is_a_problem(tmp_path):
    assert env_file.read(tmp_path).problems == (f"{tmp_path} cannot be read: Is a directory",)


@pytest.mark.parametrize(
    ("mode", "content", "loose"),
    [
        pytest.param(0o600, "TD_A1_PASSWORD=x", False, id="owner-only"),
        pytest.param(0o640, "TD_A1_PASSWORD=x", False, id="group"),
        pytest.param(0o644, "TD_A1_PASSWORD=x", True, id="everybody"),
        pytest.param(0o660, "TD_A1_PASSWORD=x", True, id="group-may-write"),
        pytest.param(0o644, "TD_A1_PASSWORD=", False, id="blank-secret"),
        pytest.param(0o644, "RUN_ENV=dev", False, id="no-secret"),
    ],
)
def test_secrets_that_others_can_read_or_change_are_a_problem(file, mode, content, loose):
    file.write_text(content)
    file.chmod(mode)
    problem = f"{file} holds secrets (TD_A1_PASSWORD), and others can read or change it; run: chmod 0600 {file}"

    assert env_file.read(file).problems == ((problem,) if loose else ())


def test_values_do_not_show_in_a_repr(file):
    file.write_text("TD_A1_PASSWORD=hunter2")
    assert "hunter2" not in repr(env_file.read(file))
