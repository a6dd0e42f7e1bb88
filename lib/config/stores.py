"""The stores that STORES_LIST and REPORT_STORES_LIST select."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.config import names
from lib.config.source import Source

_CODE = re.compile(r"[A-Z]{1,2}[0-9]+", re.ASCII)


def entries(text: str) -> list[str]:
    """Return the entries of a comma-separated list: upper-case, each once, in the order given."""
    trimmed = []

    for entry in text.split(","):
        trimmed.append(entry.strip().upper())

    return list(dict.fromkeys(filter(None, trimmed)))


@dataclass(frozen=True)
class Keys:
    """The cost-centre keys that have any `TD_<KEY>_…` setting."""

    all: tuple[str, ...]
    #: The store codes of the keys that have one.
    code_of: dict[str, str]

    def login_order(self, listed: list[str]) -> list[str]:
        """Return all keys in the order in which to look for credentials: the listed ones first.

        Source: lesson 42.
        """
        key_of = {}

        for key, code in self.code_of.items():
            key_of[code] = key

        preferred = []

        for entry in listed:
            if entry in self.all:
                preferred.append(entry)
            elif entry in key_of:
                preferred.append(key_of[entry])

        return list(dict.fromkeys(preferred + sorted(self.all)))


def read_keys(source: Source) -> Keys:
    """Return the keys of the environment; a code that cannot be one is a problem."""
    keys = names.account_keys(source.given)
    code_of = {}

    for key in keys:
        code = source.text(f"TD_{key}_STORE_CODE").upper()
        if not code:
            continue

        code_of[key] = code
        if not _CODE.fullmatch(code):
            source.problems.append(f"TD_{key}_STORE_CODE is {code!r}; a store code looks like A668")

    return Keys(tuple(keys), code_of)


def scraped(source: Source, keys: Keys) -> tuple[str, ...]:
    """Return the stores of STORES_LIST, or of lower-case stores_list.

    A contradiction between the two is a problem.
    """
    upper = _codes(source, "STORES_LIST", keys)
    lower = _codes(source, "stores_list", keys)

    if upper and lower and set(upper) != set(lower):
        source.problems.append(
            "STORES_LIST and stores_list contradict each other; unset stores_list"
        )

    return upper or lower


def reported(source: Source, keys: Keys) -> tuple[str, ...]:
    """Return the stores of REPORT_STORES_LIST."""
    return _codes(source, "REPORT_STORES_LIST", keys)


def _codes(source: Source, name: str, keys: Keys) -> tuple[str, ...]:
    """Return the store codes that a list selects, each once.

    An entry is a store code (`A668`) or a key (`UN3668`) with a `TD_<KEY>_STORE_CODE`. A key may
    look like a code, so a key that has other `TD_<KEY>_…` settings but no code is a problem and is
    never taken for a code.
    """
    codes: dict[str, None] = {}

    for entry in entries(source.text(name)):
        if entry in keys.code_of:
            codes[keys.code_of[entry]] = None
        elif entry in keys.all:
            source.problems.append(
                f"{name} lists the key {entry}: set TD_{entry}_STORE_CODE to its store code"
            )
        elif _CODE.fullmatch(entry):
            codes[entry] = None
        else:
            source.problems.append(
                f"{name} lists {entry!r}: "
                "neither a store code like A668 nor a key with TD_…_STORE_CODE"
            )

    return tuple(codes)
