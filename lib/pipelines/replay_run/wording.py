"""What a replay found, in words for people and as one JSON object. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from lib import formatting
from lib.db import jsonb
from lib.domain.pipelines import PIPELINES
from lib.pipelines.replay_run.result import ChangedUnit, ComparedPart, Result
from lib.plural import counted

#: Lines of one difference that are printed; all are in the JSON.
MOST_LINES = 40


def as_text(result: Result, zone: ZoneInfo, *, with_rows: bool) -> str:
    """Return the lines for people; lines that may be customers' data only `with_rows`."""
    return "\n".join(_lines(result, zone, with_rows=with_rows))


def _lines(result: Result, zone: ZoneInfo, *, with_rows: bool) -> Iterator[str]:
    run = result.run
    facts = PIPELINES[run.ref.pipeline]
    until = formatting.day_and_time(run.known_until, zone)

    yield (
        f"{facts.job} {facts.label(run.period)}, run {run.ref.run_id} ({run.status}):"
        f" what was known {until}, through this code"
    )

    for remark in result.remarks:
        yield f"  {remark}"

    for part in result.parts:
        yield ""
        yield f"{part.name}: {_verdict(part)}"

        for one in part.differences:
            yield from _difference_lines(one, with_rows=with_rows)

        for reason in part.not_compared:
            yield f"  not compared: {reason}"

    yield ""
    yield ending(result)


def _verdict(part: ComparedPart) -> str:
    if not part.compared:
        return "not compared"

    number = len(part.differences)
    return (
        f"{part.compared} compared, {counted(number, 'difference') if number else 'no difference'}"
    )


def _difference_lines(one: ChangedUnit, *, with_rows: bool) -> Iterator[str]:
    yield f"  {one.about}"

    for line in one.lines[:MOST_LINES]:
        yield f"    {line}"

    if len(one.lines) > MOST_LINES:
        yield f"    and {len(one.lines) - MOST_LINES} more lines (--json has all)"

    if with_rows:
        for line in one.rows:
            yield f"    {line}"
    elif one.rows:
        yield f"    {counted(len(one.rows), 'line')} with other words: --rows shows customers' data"


def ending(result: Result) -> str:
    """Return the last line: whether anything is different."""
    if result.differences:
        return counted(result.differences, "difference")

    if result.has_failed:
        return "some reports could not be made now: run it again"

    return "no difference" if result.is_complete else "no difference in what could be compared"


def as_json(result: Result, *, with_rows: bool) -> str:
    """Return everything as one JSON object; customers' data only `with_rows`."""
    run = result.run
    parts: dict[str, Any] = {}

    for part in result.parts:
        parts[part.name.replace(" ", "_")] = {
            "compared": part.compared or None,
            "differences": [_plain(one, with_rows=with_rows) for one in part.differences],
            "not_compared": list(part.not_compared),
        }

    return jsonb.dumps(
        {
            "run_id": run.ref.run_id,
            "pipeline": run.ref.pipeline,
            "report_date": run.ref.report_on,
            "known_until": run.known_until,
            "differences": result.differences,
            "is_complete": result.is_complete,
            "has_failed": result.has_failed,
            "remarks": list(result.remarks),
            **parts,
        }
    )


def _plain(one: ChangedUnit, *, with_rows: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "about": one.about,
        "lines": list(one.lines),
        "hidden_lines": len(one.rows),
    }

    return found | {"rows": list(one.rows)} if with_rows else found
