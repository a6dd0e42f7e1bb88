"""The end of a job's log, for people: our own events only, because foreign lines may quote anything. Pure."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_LINES = 15


@dataclass(frozen=True)
class Line:
    """What an event says; none of its fields can hold personal data.

    Source: docs/reference/contract.md#log-lines.
    """

    at: str
    status: str
    message: str
    #: Store and bucket, as far as it has them.
    place: str

    def __str__(self) -> str:
        return " ".join(filter(None, [self.at, self.status, self.place, self.message]))


def last(lines: Iterable[str], *, name: str) -> list[Line]:
    """Return the last events of the job or pipeline called `name`, oldest first; anything else is left out."""
    found: deque[Line] = deque(maxlen=MAX_LINES)

    for line in lines:
        event = _event(line)
        if event.get("pipeline_name") == name:
            places = (event.get("store_code"), event.get("bucket"))
            place = " ".join(str(one) for one in places if one)
            found.append(
                Line(
                    str(event.get("ts")), str(event.get("status")), str(event.get("message")), place
                )
            )

    return list(found)


def _event(line: str) -> Mapping[str, object]:
    """Read one JSON object that is an event of ours; a prefix such as journald's is skipped."""
    try:
        event = json.loads(line[line.index("{") :])
    except ValueError:
        return {}

    return event if isinstance(event, dict) and {"ts", "status", "message"} <= event.keys() else {}
