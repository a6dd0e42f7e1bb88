"""Reads the end of a job's log for people: only our own events, as other lines may quote data.

Pure.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MAX_LINES = 15
#: Every event of ours has them.
_FIELDS = {"ts", "status", "message"}


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
        parts = [
            self.at,
            self.status,
            self.place,
            self.message,
        ]
        return " ".join(filter(None, parts))


def last_lines(
    lines: Iterable[str],
    *,
    name: str,
) -> list[Line]:
    """Return the last events of the job or pipeline called `name`, oldest first.

    Anything else is left out.
    """
    found: deque[Line] = deque(maxlen=MAX_LINES)

    for line in lines:
        event = _event(line)
        if event.get("pipeline_name") == name:
            places = filter(None, [event.get("store_code"), event.get("bucket")])
            found_line = Line(
                at=str(event.get("ts")),
                status=str(event.get("status")),
                message=str(event.get("message")),
                place=" ".join(map(str, places)),
            )
            found.append(found_line)

    return list(found)


def _event(line: str) -> Mapping[str, object]:
    """Return one event of ours; nothing for another line. A prefix as journald's is skipped."""
    try:
        event = json.loads(line[line.index("{") :])
    except ValueError:
        return {}

    is_ours = isinstance(event, dict) and event.keys() >= _FIELDS
    return event if is_ours else {}
