"""The names of settings: those of accounts and jobs, secrets, retired and unknown ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lib.config.settings_table import SECRETS, SETTINGS

#: Permissions that no file of secrets may have. Its group may read: systemd passes credentials to a
#: service that way.
OPEN_TO_OTHERS = 0o037

#: Settings of mail before recipients and templates were rows of the database.
RETIRED = frozenset(
    {
        "REPORT_EMAIL_TO",
        "REPORT_EMAIL_CC",
        "REPORT_EMAIL_SUBJECT_TEMPLATE",
    }
)

_ACCOUNT = re.compile(
    r"TD_(?P<key>[A-Z0-9]+)_(?P<what>USERNAME|PASSWORD|STORE_CODE|STORAGE_STATE_FILENAME)"
)
_HEALTH_CHECK = re.compile(r"HEALTHCHECK_URL_(?P<job>[A-Z_]+)")


def general(name: str) -> str:
    """Return the name in `SETTINGS`: `TD_<KEY>_PASSWORD` for `TD_UN3668_PASSWORD`."""
    if match := _ACCOUNT.fullmatch(name):
        return f"TD_<KEY>_{match['what']}"

    return "HEALTHCHECK_URL_<JOB>" if _HEALTH_CHECK.fullmatch(name) else name


def health_checks(names: Iterable[str]) -> dict[str, str]:
    """Return for each job, lower-case, the name of its `HEALTHCHECK_URL_<JOB>`."""
    found = {}

    for name in sorted(names):
        if match := _HEALTH_CHECK.fullmatch(_without_file(name)):
            found[match["job"].lower()] = match[0]

    return found


def is_secret(name: str) -> bool:
    """Return True if the value must not be shown and may come from a file."""
    return general(name) in SECRETS


def is_credential(name: str) -> bool:
    """Return True for a secret and for the user name that belongs to one."""
    return is_secret(name) or name.endswith("_USERNAME")


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without secrets, for a program that opens other people's pages."""
    found = {}

    for name, value in environ.items():
        if not is_secret(name):
            found[name] = value

    return found


def account_keys(names: Iterable[str]) -> list[str]:
    """Return the KEYs that have any `TD_<KEY>_…` setting, sorted."""
    matches = (_ACCOUNT.fullmatch(_without_file(name)) for name in names)
    return sorted({match["key"] for match in matches if match})


def warnings(names: Iterable[str]) -> list[str]:
    """Return a sentence for each `TD_*` and `REPORT_*` name that is set and never used, sorted."""
    return list(filter(None, map(_warning, sorted(names))))


def _warning(name: str) -> str | None:
    if name in RETIRED:
        return f"{name} is retired and not used: recipients and templates live in the database"

    if name.startswith(("TD_", "REPORT_")) and general(_without_file(name)) not in SETTINGS:
        return f"{name} is not a setting and is not used; docs/reference/settings.md lists them all"

    return None


def _without_file(name: str) -> str:
    secret = name.removesuffix("_FILE")
    return secret if is_secret(secret) else name
