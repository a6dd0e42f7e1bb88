"""The door to `.env` files (python-dotenv)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

from lib.config import names

if TYPE_CHECKING:
    from dotenv.parser import Binding


@dataclass(frozen=True)
class EnvFile:
    """The values of a `.env` file, to the letter, and its problems, which quote no value."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()


def read(file: Path) -> EnvFile:
    """Return what `file` sets; nothing where there is no such file."""
    if not file.exists():
        return EnvFile()

    # Imported here: in production the settings come from the environment alone.
    from dotenv.parser import parse_stream

    try:
        with file.open(encoding="utf-8-sig") as stream:
            # Not `dotenv_values`: it would expand `${…}` inside a password, and only log the lines
            # it cannot read.
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        return EnvFile(problems=(f"{file} cannot be read: {reason}",))

    values = {}
    problems = []

    for binding in bindings:
        if binding.error:
            place = f"{file} line {binding.original.line}"
            problems.append(f"{place} is not NAME=value; quote values with spaces or quotes")
        elif binding.key and binding.value is not None:
            values[binding.key] = binding.value
            problems += _cut_short(file, binding)

    return EnvFile(values, (*problems, *_open_to_others(file, values)))


def _cut_short(file: Path, binding: Binding) -> list[str]:
    """Return a problem for a secret or user name of which a part was taken for a comment.

    ` #` begins a comment outside quotes. Behind an ordinary setting that is what people mean;
    behind a password it is probably a part of it.
    """
    name = binding.key or ""
    if not names.is_credential(name):
        return []

    _, _, written = binding.original.string.partition("=")
    is_quoted = written.lstrip().startswith(("'", '"'))
    if is_quoted or written.strip() == binding.value:
        return []

    place = f"{file} line {binding.original.line}"
    return [f"{place}: what follows # in {name} is taken for a comment; put it into single quotes"]


def _open_to_others(file: Path, values: dict[str, str]) -> list[str]:
    secrets = sorted(name for name, value in values.items() if value and names.is_secret(name))
    if secrets and S_IMODE(file.stat().st_mode) & names.OPEN_TO_OTHERS:
        holds = f"{file} holds secrets ({', '.join(secrets)})"
        return [f"{holds}, and others can read or change it; run: chmod 0600 {file}"]

    return []
