import os

import pytest

from lib.config.source import Source


def read(reader, name, value, **options):
    """Return what a reader makes of a value, and the problems it has with it."""
    source = Source({name: value})
    return getattr(source, reader)(name, **options), source.problems


def test_values_are_trimmed_and_blank_ones_are_not_set():
    source = Source({"RUN_ENV": "  ", "TMS_BASE": " https://tms.example.invalid "})
    assert (source.text("RUN_ENV"), source.text("TMS_BASE")) == (
        "dev",
        "https://tms.example.invalid",
    )


def test_a_substitute_comes_before_the_default_and_after_the_value():
    assert Source({}).text("RUN_ENV", instead="local") == "local"
    assert Source({"RUN_ENV": "prod"}).text("RUN_ENV", instead="local") == "prod"


def test_a_name_that_is_not_in_the_table_cannot_be_read():
    with pytest.raises(KeyError, match="TD_COLOUR"):
        Source({}).text("TD_COLOUR")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "1" * 5000, "65536"])
def test_a_number_out_of_range_is_a_problem_and_the_default_stands_in(text):
    value, problems = read("positive", "REPORT_EMAIL_SMTP_PORT", text)

    assert value == 587
    assert problems == [
        f"REPORT_EMAIL_SMTP_PORT is {text!r}; it must be a whole number from 1 to 65535"
    ]


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("65535", 65535), ("007", 7)])
def test_a_whole_number_is_read(text, number):
    assert read("positive", "REPORT_EMAIL_SMTP_PORT", text) == (number, [])


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("YES", True), ("1", True), ("false", False), ("Off", False), ("0", False)],
)
def test_a_yes_or_no_is_read(text, value):
    assert read("flag", "REPORT_EMAIL_USE_TLS", text) == (value, [])


def test_neither_yes_nor_no_is_a_problem():
    assert read("flag", "REPORT_EMAIL_USE_TLS", "maybe") == (
        True,
        ["REPORT_EMAIL_USE_TLS is 'maybe'; it must be true or false"],
    )


def test_a_choice_outside_the_options_is_a_problem():
    assert read("choice", "RUN_ENV", "staging") == (
        "dev",
        ["RUN_ENV is 'staging'; it must be one of dev, local, prod"],
    )


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param(
            "https://portal.example.invalid/", "https://portal.example.invalid", id="trailing-slash"
        ),
        pytest.param("http://127.0.0.2:8081/x", "http://127.0.0.2:8081/x", id="port-and-path"),
    ],
)
def test_a_web_address_is_read_without_its_last_slash(text, url):
    assert read("url", "TMS_BASE", text) == (url, [])


@pytest.mark.parametrize(
    "text",
    [
        "ftp://h",
        "portal.example.invalid",
        "https://",
        "https://u:hunter2@h",
        "https://u@h",
        "https://[bad",
        "https://h:x",
        "https://h/a b",
    ],
)
def test_any_other_address_is_a_problem_that_does_not_quote_it(text):
    _, problems = read("url", "TMS_BASE", text)
    assert problems == ["TMS_BASE must be an http or https address without credentials"]


def test_directories_and_files_may_be_missing(tmp_path):
    assert read("directory", "DATA_DIR", f"{tmp_path}/new") == (tmp_path / "new", [])
    assert read("file", "JSON_LOG_FILE", f"{tmp_path}/new") == (tmp_path / "new", [])


def test_a_file_in_the_place_of_a_directory_is_a_problem_and_the_other_way_round(tmp_path):
    (tmp_path / "file").touch()
    _, problems = read("directory", "DATA_DIR", f"{tmp_path}/file")

    assert problems == [f"DATA_DIR names {tmp_path}/file, which is not a directory"]
    _, problems = read("file", "JSON_LOG_FILE", f"{tmp_path}")
    assert problems == [f"JSON_LOG_FILE names {tmp_path}, which is no regular file"]


def test_a_device_is_no_place_for_a_log_that_is_rotated():
    """Also for jobs.alert, which goes on with what is right."""
    problem = "JSON_LOG_FILE names /dev/null, which is no regular file"

    assert read("file", "JSON_LOG_FILE", "/dev/null") == (None, [problem])


def test_an_executable_must_be_one(tmp_path):
    program = tmp_path / "chromium"
    expected = [f"BROWSER_EXECUTABLE names {program}, which is not an executable file"]

    assert read("executable", "BROWSER_EXECUTABLE", str(program)) == (program, expected)
    program.touch(mode=0o644)
    assert read("executable", "BROWSER_EXECUTABLE", str(program)) == (program, expected)
    program.chmod(0o755)
    assert read("executable", "BROWSER_EXECUTABLE", str(program)) == (program, [])
    _, problems = read("executable", "BROWSER_EXECUTABLE", str(tmp_path))
    assert problems == [f"BROWSER_EXECUTABLE names {tmp_path}, which is not an executable file"]


class TestSecrets:
    """NAME, or the content of the file NAME_FILE."""

    NAME = "REPORT_EMAIL_SMTP_PASSWORD"

    @pytest.fixture
    def file(self, tmp_path):
        file = tmp_path / "password"
        file.write_text("hunter2\n")
        file.chmod(0o600)
        return file

    def read(self, **given):
        source = Source({f"{self.NAME}{suffix}": str(value) for suffix, value in given.items()})
        return source.secret(self.NAME), source.problems

    def test_none_is_empty(self):
        assert self.read() == ("", [])

    def test_the_variable_is_taken_to_the_letter(self):
        assert Source({self.NAME: " p@ss #%{}\\ "}).secret(self.NAME) == " p@ss #%{}\\ "

    @pytest.mark.parametrize("mode", [0o400, 0o600, 0o640, 0o440])
    def test_a_file_for_owner_and_group_is_read_without_its_last_line_break(self, file, mode):
        file.chmod(mode)
        assert self.read(_FILE=file) == ("hunter2", [])

    @pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o602, 0o666])
    def test_a_file_that_others_can_read_or_change_is_refused(self, file, mode):
        file.chmod(mode)
        problem = f"{self.NAME}_FILE names {file}, which others can read or change; run: chmod 0600 {file}"

        assert self.read(_FILE=file) == ("", [problem])

    @pytest.mark.parametrize("content", ["", "\n", "  \n"])
    def test_an_empty_file_is_a_problem(self, file, content):
        file.write_text(content)
        _, problems = self.read(_FILE=file)

        assert problems == [f"{self.NAME}_FILE names {file}, which is empty"]

    def test_a_missing_file_is_a_problem(self, tmp_path):
        _, problems = self.read(_FILE=tmp_path / "x")
        assert problems == [
            f"{self.NAME}_FILE names a file that cannot be read: No such file or directory"
        ]

    @pytest.mark.parametrize("slip", ["hunter2", "/hunter2/x", "hunter2" * 100])
    def test_a_secret_in_place_of_the_name_of_its_file_is_not_quoted(self, slip):
        _, [problem] = self.read(_FILE=slip)
        assert "hunter2" not in problem

    def test_a_file_of_somebody_else_is_named(self, tmp_path):
        _, problems = self.read(_FILE=tmp_path)
        assert problems == [
            f"{self.NAME}_FILE names {tmp_path}, which cannot be read: Is a directory"
        ]

    def test_a_file_that_is_no_text_is_a_problem(self, file):
        file.write_bytes(b"\xff\xfe")
        _, problems = self.read(_FILE=file)

        assert problems == [f"{self.NAME}_FILE names {file}, which cannot be read: not UTF-8 text"]

    def test_both_are_a_contradiction(self, file):
        source = Source({self.NAME: "a", f"{self.NAME}_FILE": os.fspath(file)})

        assert source.secret(self.NAME) == ""
        assert source.problems == [
            f"{self.NAME} and {self.NAME}_FILE are both set; keep one of them"
        ]

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param("\ufeffhunter2\n", id="byte-order mark"),
            pytest.param("hunter2\r\n", id="CRLF"),
            pytest.param("\ufeffhunter2\r\n\r\n", id="both"),
        ],
    )
    def test_mark_and_line_ends_are_no_part_of_it(self, file, content):
        file.write_bytes(content.encode())

        assert read_secret({f"{self.NAME}_FILE": str(file)}) == ("hunter2", [])
        assert read_secret({self.NAME: content}) == ("hunter2", [])

    @pytest.mark.parametrize(
        ("content", "found"),
        [
            pytest.param("hun\u200bter2", "U+200B (ZERO WIDTH SPACE) at place 4", id="zero width"),
            pytest.param("hunter2\u00a0", "U+00A0 (NO-BREAK SPACE) at place 8", id="no-break"),
            pytest.param("\u202ahunter2", "U+202A (LEFT-TO-RIGHT EMBEDDING) at place 1", id="bidi"),
            pytest.param("hunter\t2", "U+0009 (a control character) at place 7", id="tab"),
            pytest.param("hunter\n2", "U+000A (a control character) at place 7", id="two lines"),
            pytest.param(
                "hun\ufeffter2", "U+FEFF (ZERO WIDTH NO-BREAK SPACE) at place 4", id="mark"
            ),
        ],
    )
    def test_an_invisible_character_is_named_and_nothing_is_returned(self, file, content, found):
        file.write_bytes(content.encode())
        problem = f"contains the invisible character {found}; type the value anew"
        from_file = read_secret({f"{self.NAME}_FILE": str(file)})

        assert from_file == ("", [f"{self.NAME}_FILE {problem}"])
        assert read_secret({self.NAME: content}) == ("", [f"{self.NAME} {problem}"])

    def test_spaces_and_letters_of_any_script_are_part_of_it(self):
        value = " correct horse बैटरी "
        assert read_secret({self.NAME: value}) == (value, [])

    def test_addresses_may_stand_on_several_lines(self):
        given = {"ALERT_URLS": "ntfys://a.example.invalid/x\n\tntfys://b.example.invalid/y\n"}
        source = Source(given)

        assert source.secret("ALERT_URLS") == given["ALERT_URLS"].rstrip("\n")
        assert source.problems == []

    def test_an_invisible_character_in_a_user_name_is_named_too(self):
        source = Source({"TD_A1_USERNAME": "user\u200b"})
        source.text("TD_A1_USERNAME")
        found = "U+200B (ZERO WIDTH SPACE) at place 5"

        assert source.problems == [
            f"TD_A1_USERNAME contains the invisible character {found}; type the value anew"
        ]


def read_secret(given):
    source = Source(given)
    return source.secret(TestSecrets.NAME), source.problems
