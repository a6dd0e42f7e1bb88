"""Write `.env.example` and the table of docs/reference/settings.md from the table of settings.

Usage: `python -m lib.config.reference`
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from lib.config.settings_table import SECTIONS, Setting

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / ".env.example"
DOCUMENT = ROOT / "docs" / "reference" / "settings.md"
WIDTH = 100

_HEAD = """\
# Every setting with its default; a commented line shows the form of a name. To make it yours:
#   cp .env.example .env && chmod 0600 .env
# Variables of the environment win over this file. Each secret NAME may instead come from a file:
# NAME_FILE=/path. Neither file may be open to others: chmod 0600.
"""
_TABLE_HEAD = "| name | default | secret | meaning |\n|---|---|---|---|\n"


def example() -> str:
    """Return the whole of `.env.example`."""
    parts = [_HEAD]

    for title, settings in SECTIONS.items():
        rule = "-" * (WIDTH - len(title) - len("# ---  "))
        parts.append(f"\n# --- {title} {rule}\n\n")
        parts += map(_assignment, settings)

    return "".join(parts)


def table() -> str:
    """Return the table of docs/reference/settings.md."""
    rows: list[str] = []
    for settings in SECTIONS.values():
        rows += map(_row, settings)

    return _TABLE_HEAD + "".join(rows)


def document(old: str) -> str:
    """Return docs/reference/settings.md with its table replaced; what stands before it stays."""
    introduction, _, _ = old.partition(_TABLE_HEAD)
    return introduction + table()


def _assignment(setting: Setting) -> str:
    # A text that begins with a value, such as `dev`, keeps its case.
    sentence = setting.text[0].upper() + setting.text[1:]
    secret = " Secret." if setting.is_secret else ""
    text = f"{sentence.replace('`', '')}.{secret}"

    comment = textwrap.fill(
        text,
        WIDTH,
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )

    # The name of a form (`TD_<KEY>_…`) is no name yet, so it cannot be set as it stands.
    mark = "#" if "<" in setting.name else ""
    return f"{comment}\n{mark}{setting.name}={setting.default}\n"


def _row(setting: Setting) -> str:
    default = f" `{setting.default}`" if setting.default else ""
    secret = " yes" if setting.is_secret else ""

    return f"| `{setting.name}` |{default} |{secret} | {setting.text} |\n"


def main() -> None:
    """Write both documents."""
    EXAMPLE.write_text(example(), encoding="utf-8")
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
