"""The three lists of settings say the same: the code, `.env.example` and docs/reference/settings.md."""

import re
from pathlib import Path

from lib.config.names import SECRETS, SETTINGS

ROOT = Path(__file__).parents[3]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")


def code(cell):
    return cell.strip().strip("`")


def rows():
    lines = [line for line in REFERENCE.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_example_sets_every_setting_to_its_default():
    lines = re.findall(r"^#?([A-Za-z_<>]+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert lines == list(SETTINGS.items())


def test_the_example_explains_every_setting():
    lines = EXAMPLE.splitlines()
    settings = [number for number, line in enumerate(lines) if re.match(r"#?[A-Za-z_<>]+=", line)]
    assert [lines[number] for number in settings if not lines[number - 1].startswith("# ")] == []


def test_the_example_leaves_secrets_blank():
    assert {name: SETTINGS[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")


def test_the_reference_lists_every_setting_with_its_default():
    assert [(code(name), code(default)) for name, default, *_ in rows()] == list(SETTINGS.items())


def test_the_reference_marks_exactly_the_secrets():
    assert {code(name) for name, _, secret, _ in rows() if secret == "yes"} == SECRETS


def test_the_reference_explains_every_setting():
    assert [name for name, *_, meaning in rows() if not meaning] == []
