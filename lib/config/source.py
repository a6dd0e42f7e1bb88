"""The door to environs: single settings, typed.

Problems are collected, so that one refusal names them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import time
from pathlib import Path
from stat import S_IMODE
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, validate

from lib import dates
from lib.config import invisible, names
from lib.config.settings_table import SETTINGS, Kind
from lib.errors import UsageError


class _Variables(Env):
    """environs over a mapping in place of the environment, by the hook of its own FileAwareEnv."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__()
        self.given = given

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self.given.get(env_key, default)


class Source:
    """An environment with the defaults of `SETTINGS` behind it; an empty value counts as not set.

    A reader that finds its setting wrong adds to `problems` and returns a usable value, so that
    reading goes on. No problem quotes a secret.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = {name: value for name, value in given.items() if value.strip()}
        self.problems: list[str] = []
        self._env = _Variables(self.given)

    def text(self, name: str, instead: str = "") -> str:
        """Return the trimmed value, else `instead`, else the default.

        A name that is not in `SETTINGS` is a bug.
        """
        default = SETTINGS[names.general(name)].default
        value = invisible.without_frame(str(self._env.str(name, ""))).strip()

        if names.is_credential(name):
            self._is_visible(name, value)

        return value or instead or default

    def choice(self, name: str, older: str = "") -> str:
        """Return one of the setting's options; `older` is read when `name` is not set."""
        read = older if older in self.given and name not in self.given else name
        options = SETTINGS[name].options

        value = self.text(read)
        if value not in options:
            self.problems.append(f"{read} is {value!r}; it must be one of {', '.join(options)}")
            return SETTINGS[name].default

        return value

    def positive(self, name: str) -> int:
        """Return a whole number within the bounds of the setting."""
        setting = SETTINGS[name]
        default = int(setting.default)
        bounds = validate.Range(setting.least, setting.most)

        try:
            return self._env.int(name, default, validate=bounds) or default
        except EnvValidationError:
            expected = f"a whole number from {setting.least} to {setting.most}"
            self.problems.append(f"{name} is {self.text(name)!r}; it must be {expected}")

            return default

    def flag(self, name: str) -> bool:
        """Return a yes or no."""
        try:
            return bool(self._env.bool(name, SETTINGS[name].default == "true"))
        except EnvValidationError:
            self.problems.append(f"{name} is {self.text(name)!r}; it must be true or false")
            return True

    def time_of_day(self, name: str) -> time | None:
        """Return a time such as 09:00; None if it is not set."""
        given = self.text(name)
        if not given:
            return None

        try:
            return dates.parse_time(given)
        except UsageError as error:
            self.problems.append(f"{name}: {error}; leave it empty for none")
            return None

    def directory(self, name: str) -> Path:
        """Return a directory, which need not exist yet."""
        path = Path(self.text(name))
        if path.exists() and not path.is_dir():
            self.problems.append(f"{name} names {path}, which is not a directory")

        return path

    def file(self, name: str) -> Path | None:
        """Return a file, which need not exist yet, or None.

        A device or pipe is refused: rotating the log would rename it.
        """
        path = Path(self.text(name)) if self.text(name) else None
        if path and path.exists() and not path.is_file():
            self.problems.append(f"{name} names {path}, which is no regular file")
            return None

        return path

    def existing(
        self,
        name: str,
        is_right: Callable[[Path], bool],
        kind: str,
    ) -> Path | None:
        """Return the absolute path of something that is there and of that kind, or None."""
        path = Path(self.text(name)).absolute() if self.text(name) else None
        if path and not is_right(path):
            self.problems.append(f"{name} names {path}, which is no {kind}")

        return path

    def executable(self, name: str) -> Path | None:
        """Return a program that exists and may be run, or None."""
        path = Path(self.text(name)) if self.text(name) else None
        if path and (not os.access(path, os.X_OK) or path.is_dir()):
            self.problems.append(f"{name} names {path}, which is not an executable file")

        return path

    def url(self, name: str, instead: str = "") -> str:
        """Return an http or https address without a trailing slash; `instead` if it is not set."""
        given = self.text(name)
        return self._checked_url(name, given) if given else instead

    def secret_url(self, name: str) -> str:
        """Return the same of a secret."""
        return self._checked_url(name, self.secret(name))

    def _checked_url(self, name: str, given: str) -> str:
        url = given.strip().rstrip("/")
        if not _is_web_address(url):
            self.problems.append(f"{name} must be an http or https address without credentials")

        return url

    def secret(self, name: str) -> str:
        """Return the untrimmed value of NAME, else the content of the file NAME_FILE, else nothing.

        A byte-order mark and line ends around it are no part of it. An invisible character inside
        is a problem, and nothing is returned: it would be sent as part of a password.
        """
        value = invisible.without_frame(self._raw_secret(name))

        # Addresses may be listed on several lines.
        allowed = "\r\n\t" if SETTINGS[names.general(name)].kind is Kind.LIST else ""
        where = f"{name}_FILE" if f"{name}_FILE" in self.given else name

        return value if self._is_visible(where, value, allowed) else ""

    def _is_visible(self, where: str, value: str, allowed: str = "") -> bool:
        """Return False, with a problem, if the value has an invisible character."""
        found = invisible.first(value, allowed)
        if found:
            problem = f"{where} contains the invisible character {found}; type the value anew"
            self.problems.append(problem)

        return not found

    def _raw_secret(self, name: str) -> str:
        file = self.given.get(f"{name}_FILE", "").strip()
        if not file:
            return self.given.get(name, "")

        if name in self.given:
            self.problems.append(f"{name} and {name}_FILE are both set; keep one of them")
            return ""

        try:
            return self._secret_file(name, Path(file))
        except (OSError, UnicodeDecodeError) as error:
            is_there = isinstance(
                error,
                PermissionError | IsADirectoryError | UnicodeDecodeError,
            )
            # The path may be the secret itself, by mistake, so it is shown only if it exists.
            which = f"{file}, which" if is_there else "a file that"
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"

            self.problems.append(f"{name}_FILE names {which} cannot be read: {reason}")
            return ""

    def _secret_file(self, name: str, file: Path) -> str:
        if S_IMODE(file.stat().st_mode) & names.OPEN_TO_OTHERS:
            self.problems.append(
                f"{name}_FILE names {file}, which others can read or change; run: chmod 0600 {file}"
            )
            return ""

        value = file.read_text(encoding="utf-8-sig")
        if not value.strip():
            self.problems.append(f"{name}_FILE names {file}, which is empty")

        return value


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_a_number = parts.port is None or parts.port > 0
    except ValueError:
        return False

    whole = bool(parts.hostname) and "@" not in parts.netloc and not re.search(r"\s", url)
    return parts.scheme in {"http", "https"} and whole and port_is_a_number
