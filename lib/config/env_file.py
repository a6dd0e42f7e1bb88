"""The door to `.env` files (python-dotenv)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE

from lib.config import names


@dataclass(frozen=True)
class EnvFile:
    """What a `.env` file sets, to the letter, and what is wrong with it.

    No problem quotes a value.
    """

    values: dict[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()


def read(file: Path) -> EnvFile:
    """Read `file`; none at all is an empty one."""
    if not file.exists():
        return EnvFile()

    # Imported here: in production the settings come from the environment alone.
    from dotenv.parser import parse_stream

    try:
        with file.open(encoding="utf-8") as stream:
            # Not `dotenv_values`: it would expand `${…}` inside a password, and only log the lines
            # it cannot read.
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return EnvFile(problems=(f"{file} cannot be read: {reason}",))

    values = {each.key: each.value for each in bindings if each.key and each.value is not None}
    problems = [
        f"{file} line {each.original.line} is not NAME=value; quote values with spaces or quotes"
        for each in bindings
        if each.error
    ]

    return EnvFile(values, (*problems, *_loose(file, values)))


def _loose(file: Path, values: dict[str, str]) -> list[str]:
    secrets = sorted(name for name, value in values.items() if value and names.is_secret(name))
    if secrets and S_IMODE(file.stat().st_mode) & names.OPEN_TO_OTHERS:
        holds = f"{file} holds secrets ({', '.join(secrets)})"
        return [f"{holds}, and others can read or change it; run: chmod 0600 {file}"]

    return []
