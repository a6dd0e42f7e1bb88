"""Which stores the lists select."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.config import names
from lib.config.source import Source

_CODE = re.compile(r"[A-Z]{1,2}[0-9]+", re.ASCII)


def entries(text: str) -> list[str]:
    """Split a comma-separated list into upper-case entries, without blanks and repetitions, in the order given."""
    return list(dict.fromkeys(entry.strip().upper() for entry in text.split(",") if entry.strip()))


@dataclass(frozen=True)
class Keys:
    """The cost-centre keys that have any `TD_<KEY>_…` setting, and the store codes of those that tell it."""

    all: tuple[str, ...]
    code_of: dict[str, str]

    def login_order(self, listed: list[str]) -> list[str]:
        """Return all keys in the order in which to look for credentials: the listed ones first.

        Source: lesson 42.
        """
        key_of = {code: key for key, code in self.code_of.items()}
        preferred = [entry if entry in self.all else key_of.get(entry) for entry in listed]

        return list(dict.fromkeys([key for key in preferred if key] + sorted(self.all)))


def read_keys(source: Source) -> Keys:
    """Return the keys of the environment; a code that cannot be one is a problem."""
    keys = names.account_keys(source.given)

    code_of = {key: code for key in keys if (code := source.text(f"TD_{key}_STORE_CODE").upper())}
    for key, code in code_of.items():
        if not _CODE.fullmatch(code):
            source.problems.append(f"TD_{key}_STORE_CODE is {code!r}; a store code looks like A668")

    return Keys(tuple(keys), code_of)


def scraped(source: Source, keys: Keys) -> tuple[str, ...]:
    """Return the stores of STORES_LIST, or of lower-case stores_list; a contradiction between the two is a problem."""
    upper, lower = (_codes(source, name, keys) for name in ("STORES_LIST", "stores_list"))
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

    An entry is a store code (`A668`) or a key (`UN3668`) whose code `TD_<KEY>_STORE_CODE` tells. A
    key may look like a code, so a key that has other `TD_<KEY>_…` settings but no code is a problem
    and never taken for one.
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
                f"{name} lists {entry!r}: neither a store code like A668 nor a key with TD_…_STORE_CODE"
            )

    return tuple(codes)
