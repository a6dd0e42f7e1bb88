"""`.env.example` and docs/reference/settings.md are what the table of settings says."""

import re

import pytest

from lib.config import reference
from lib.config.settings_table import SECRETS, SETTINGS


@pytest.fixture(scope="module")
def example():
    return reference.EXAMPLE.read_text(encoding="utf-8")


def test_the_example_is_written_from_the_table(example):
    assert example == reference.example()


def test_the_example_sets_every_setting_to_its_default(example):
    lines = re.findall(r"^#?([A-Za-z_<>]+)=(.*)$", example, re.MULTILINE)
    assert lines == [(name, setting.default) for name, setting in SETTINGS.items()]


def test_the_reference_is_written_from_the_table():
    document = reference.DOCUMENT.read_text(encoding="utf-8")
    assert document == reference.document(document)


def test_every_setting_is_explained():
    assert [name for name, setting in SETTINGS.items() if not setting.text] == []


def test_no_secret_has_a_default():
    assert [name for name in SECRETS if SETTINGS[name].default] == []


def test_every_number_has_bounds_that_its_default_keeps():
    counted = [one for one in SETTINGS.values() if one.kind.name == "COUNT"]
    outside = [one.name for one in counted if not one.least <= int(one.default) <= one.most]

    assert outside == []


def test_every_choice_has_its_default_among_its_options():
    chosen = [one for one in SETTINGS.values() if one.kind.name == "CHOICE"]

    assert [one.name for one in chosen if one.default not in one.options] == []
