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
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name}.{_entry(inner) or number}")
    else:
        yield name, value


def _entry(value: Any) -> str:
    if not isinstance(value, Mapping):
        return ""

    return next((str(value[key]) for key in ("name", "on", "age", "order_id") if key in value), "")


def _said(value: Any) -> str:
    return "unknown" if value is None else str(value)


def lines(then: Sequence[str], now: Sequence[str]) -> list[str]:
    """Return the lines that differ: `- ` before those that are gone, `+ ` before new ones."""
    found = []

    for kind, first, last, new_first, new_last in SequenceMatcher(
        None, then, now, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            found += [f"- {line}" for line in then[first:last]]
            found += [f"+ {line}" for line in now[new_first:new_last]]

    return found


def words(texts: Iterable[str]) -> set[str]:
    """Return the words of the texts."""
    return {word for text in texts for word in _WORD.findall(text)}


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
        found += lines([f"Subject: {then.subject}"], [f"Subject: {now.subject}"])
        found += lines(then.body.splitlines(), now.body.splitlines())
        found += lines(
            [f"Attached: {name}" for name in then.attachments],
            [f"Attached: {name}" for name in now.attachments],
        )

    found += lines(_readers(then, masked), _readers(now, masked))
    found += lines(_problem(then), _problem(now))

    return found


def _readers(one: StoredMail, masked: Mapping[str, str]) -> list[str]:
    by_mailbox = {mailbox.casefold(): kind for mailbox, kind in one.recipients.items()}
    return [f"{kind}: {masked[mailbox]}" for mailbox, kind in sorted(by_mailbox.items())]


def _problem(one: StoredMail) -> list[str]:
    return [f"Problem: {one.problem}"] if one.problem else []
