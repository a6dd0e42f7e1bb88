"""Which stores a list names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_CODE = re.compile(r"[A-Z]{1,2}[0-9]+")


def entries(text: str) -> list[str]:
    """Split a comma-separated list into upper-case entries, without blanks and repetitions, in the order given."""
    return list(dict.fromkeys(entry.strip().upper() for entry in text.split(",") if entry.strip()))


def resolve(
    name: str, text: str, code_by_key: Mapping[str, str], keys: Iterable[str]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the store codes that the list `name` selects, each once, and the problems with its entries.

    An entry is a store code (`A668`) or a key (`UN3668`) whose code `TD_<KEY>_STORE_CODE` tells. A key may look like
    a code, so a key that has other `TD_<KEY>_…` settings but no code is a problem and never taken for one.
    """
    codes: dict[str, None] = {}
    problems = []
    for entry in entries(text):
        if entry in code_by_key:
            codes[code_by_key[entry]] = None
        elif entry in keys:
            problems.append(f"{name} lists the key {entry}: set TD_{entry}_STORE_CODE to its store code")
        elif _CODE.fullmatch(entry):
            codes[entry] = None
        else:
            problems.append(f"{name} lists {entry!r}: neither a store code like A668 nor a key with TD_…_STORE_CODE")
    return tuple(codes), problems


def login_order(listed: list[str], keys: Iterable[str], code_by_key: Mapping[str, str]) -> list[str]:
    """Return the account keys in the order in which to look for credentials: the listed ones first (DOMAIN H42)."""
    by_code = {code: key for key, code in code_by_key.items()}
    preferred = [entry if entry in keys else by_code.get(entry) for entry in listed]
    return list(dict.fromkeys([key for key in preferred if key] + sorted(keys)))
