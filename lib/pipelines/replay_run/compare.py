"""Two figures, two texts, two mails: what is different between them, line by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from lib.pipelines.replay_run.result import StoredMail

#: A word without what stands around it.
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
#: So many digits in a row, whatever separates them, may be a telephone number.
_LONG_NUMBER = re.compile(r"(?:\d[ ,.-]?){8,}")
#: What tells an entry of a list from the others.
_NAMES_OF_ENTRY = ("name", "on", "age", "order_id")


def figures(
    then: Mapping[str, Any],
    now: Mapping[str, Any],
) -> list[str]:
    """Return a line for each figure that differs: `month.to_date: 57549.2 then, 57600 now`."""
    before, after = dict(_flat(then)), dict(_flat(now))
    lines = []

    for name in {**before, **after}:
        earlier, present = before.get(name, "not kept"), after.get(name, "not kept")

        if earlier != present:
            lines.append(f"{name}: {_said(earlier)} then, {_said(present)} now")

    return lines


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every figure of JSON by its path: `counts.pickups.day`, `sale.days.2025-11-14.rupees`.

    An entry of a list is named by what tells it from the others.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{name}.{key}" if name else str(key)
            yield from _flat(inner, path)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value, 1):
            path = f"{name}.{_entry(inner) or number}"
            yield from _flat(inner, path)
    else:
        yield name, value


def _entry(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""

    for key in _NAMES_OF_ENTRY:
        if key in value:
            return str(value[key])

    return ""


def _said(value: Any) -> str:
    return "unknown" if value is None else str(value)


def lines(then: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the lines that differ: `- ` before those that are gone, `+ ` before new ones."""
    # Without the heuristic for long texts, which takes lines that come often for noise.
    matcher = SequenceMatcher(None, then, now, autojunk=False)
    found = []

    for kind, first, last, new_first, new_last in matcher.get_opcodes():
        if kind == "equal":
            continue

        found += _each_with("-", then[first:last])
        found += _each_with("+", now[new_first:new_last])

    return found


def _each_with(sign: str, texts: Iterable[str]) -> list[str]:
    return [f"{sign} {text}" for text in texts]


def words(texts: Iterable[str]) -> set[str]:
    """Return the words of the texts."""
    found: set[str] = set()

    for text in texts:
        found.update(_WORD.findall(text))

    return found


def is_known(line: str, vocabulary: Collection[str]) -> bool:
    """Return True if every word of the line is one that we print, and no number is that long.

    A name or an instruction of a customer is not, and neither is a telephone number.
    """
    if _LONG_NUMBER.search(line):
        return False

    return all(word in vocabulary for word in _WORD.findall(line))


def mail(
    then: StoredMail,
    now: StoredMail,
    masked: Mapping[str, str],
) -> list[str]:
    """Return what readers would see otherwise; `masked` has mailboxes as they may be shown.

    The text of a digest is about other periods, too, and is not compared.
    """
    found = []

    if not then.is_digest:
        found += lines(_text(then), _text(now))

    found += lines(_readers(then, masked), _readers(now, masked))
    found += lines(_problem(then), _problem(now))

    return found


def _text(one: StoredMail) -> list[str]:
    attached = [f"Attached: {name}" for name in one.attachments]
    return [f"Subject: {one.subject}", *one.body.splitlines(), *attached]


def _readers(one: StoredMail, masked: Mapping[str, str]) -> list[str]:
    by_mailbox = {}

    for mailbox, kind in one.recipients.items():
        by_mailbox[mailbox.casefold()] = kind

    found = []

    for mailbox, kind in sorted(by_mailbox.items()):
        found.append(f"{kind}: {masked[mailbox]}")

    return found


def _problem(one: StoredMail) -> list[str]:
    return [f"Problem: {one.problem}"] if one.problem else []
