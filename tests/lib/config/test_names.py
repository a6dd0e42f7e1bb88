import pytest

from lib.config import names
from lib.config.settings_table import SECRETS, SETTINGS


@pytest.mark.parametrize(
    ("name", "general"),
    [
        pytest.param("TD_UN3668_PASSWORD", "TD_<KEY>_PASSWORD", id="account"),
        pytest.param(
            "TD_UN3668_STORAGE_STATE_FILENAME",
            "TD_<KEY>_STORAGE_STATE_FILENAME",
            id="own-cookie-file",
        ),
        pytest.param(
            "TD_STORAGE_STATE_FILENAME", "TD_STORAGE_STATE_FILENAME", id="common-cookie-file"
        ),
        pytest.param("TD_BASE_URL", "TD_BASE_URL", id="no-account"),
        pytest.param("TD_un3668_PASSWORD", "TD_un3668_PASSWORD", id="lower-case-key"),
    ],
)
def test_settings_of_an_account_go_by_one_general_name(name, general):
    assert names.general(name) == general


def test_account_keys_are_found_by_any_of_their_settings():
    given = [
        "TD_D4_STORAGE_STATE_FILENAME",
        "TD_B2_PASSWORD_FILE",
        "TD_A1_USERNAME",
        "TD_A1_PASSWORD",
        "TD_C3_STORE_CODE",
        "TD_STORAGE_STATE_FILENAME",
        "TD_BASE_URL",
        "TD_E5_COLOUR",
        "TD_F6_USERNAME_FILE",
        "DATABASE_URL",
    ]
    assert names.account_keys(given) == ["A1", "B2", "C3", "D4"]


def test_every_listed_name_is_silent():
    given = [name.replace("<KEY>", "UN3668") for name in SETTINGS]
    given += [f"{name}_FILE".replace("<KEY>", "UN3668") for name in SECRETS]

    assert names.warnings(given) == []


def test_names_that_are_set_in_vain_are_told_sorted():
    given = [
        "TD_TYPO",
        "REPORT_EMAIL_TO",
        "HOME",
        "REPORT_STORES",
        "TD_A1_USERNAME_FILE",
        "PDF_RENDER_HEADLESS",
    ]
    unknown = "is not a setting and is not used; docs/reference/settings.md lists them all"

    assert names.warnings(given) == [
        "REPORT_EMAIL_TO is retired and not used: recipients and templates live in the database",
        f"REPORT_STORES {unknown}",
        f"TD_A1_USERNAME_FILE {unknown}",
        f"TD_TYPO {unknown}",
    ]


def test_retired_names_are_no_settings():
    assert not names.RETIRED & SETTINGS.keys()


def test_a_program_that_opens_pages_of_others_gets_no_secret():
    given = {
        "PATH": "/bin",
        "DATABASE_URL": "x",
        "TD_UN3668_PASSWORD": "x",
        "HEALTHCHECK_URL_DAILY": "x",
        "RUN_ENV": "dev",
    }
    assert names.without_secrets(given) == {"PATH": "/bin", "RUN_ENV": "dev"}
