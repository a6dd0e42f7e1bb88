"""What a response is, by positive proof only: status 200 proves nothing. Pure.

Source: docs/reference/domain.md#success-and-failure.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from selectolax.lexbor import LexborHTMLParser

from lib.domain.exports import Export
from lib.domain.headers import normalise
from lib.portal.site import facts, html_limits

#: Of a CSV's line: a file with a longer one is none.
MAX_LINE_CHARS = 128 * 1024


class Kind(Enum):
    """Every answer that is told apart."""

    #: It has the dashboard title.
    PAGE = "a dashboard"
    CSV = "a CSV with the expected columns"
    #: The portal's sentence for it: valid, zero rows.
    EMPTY_EXPORT = "an export without rows"
    #: A login sentence, 401, 403, or HTML where CSV was asked for.
    LOGGED_OUT = "the log-in-first page"
    RATE_LIMITED = "too many requests"
    #: Somebody wants proof of a human.
    CHALLENGE = "a challenge page"
    SERVER_ERROR = "a server error"
    #: Nothing proves what it is.
    UNKNOWN = "an unknown page"


@dataclass(frozen=True)
class Reply:
    """One whole response; header names in lower case, the body without its transfer and content encoding."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def classify(reply: Reply, export: Export | None = None) -> Kind:
    """Say what the reply is, asked for the CSV `export` or (None) for a dashboard."""
    if kind := _by_status(reply):
        return kind

    return _page(reply) if export is None else _export(reply, export)


def _by_status(reply: Reply) -> Kind | None:
    if reply.headers.get("cf-mitigated") == "challenge":
        return Kind.CHALLENGE

    if reply.status != 200:  # noqa: PLR2004
        return _by_refusal(reply)

    return None


def _by_refusal(reply: Reply) -> Kind:
    status = reply.status

    if facts.CHALLENGE.search(reply.body):
        return Kind.CHALLENGE

    if status == 429:  # noqa: PLR2004
        return Kind.RATE_LIMITED

    if status in {401, 403} or (
        status in {301, 302, 303, 307} and "login" in reply.headers.get("location", "")
    ):
        return Kind.LOGGED_OUT

    return Kind.SERVER_ERROR if status in {408, *range(500, 600)} else Kind.UNKNOWN


def _page(reply: Reply) -> Kind:
    if facts.LOGGED_OUT.search(reply.body):
        return Kind.LOGGED_OUT

    if not html_limits.is_readable(reply.body):
        return Kind.UNKNOWN

    # The title outranks a challenge's marks: a page behind a proxy may carry its script.
    if LexborHTMLParser(reply.body).css_first(facts.TITLE) is not None:
        return Kind.PAGE

    return Kind.CHALLENGE if facts.CHALLENGE.search(reply.body) else Kind.UNKNOWN


def _export(reply: Reply, export: Export) -> Kind:
    if facts.HTML.search(reply.body) or "html" in reply.headers.get("content-type", ""):
        return Kind.CHALLENGE if facts.CHALLENGE.search(reply.body) else Kind.LOGGED_OUT

    body = _without_mark(reply.body)
    sentence = facts.NO_ROWS.match(body)

    rest = body[sentence.end() :] if sentence else body
    if _is_login_sentence(rest):
        return Kind.LOGGED_OUT

    if sentence and not rest.strip():
        return Kind.EMPTY_EXPORT

    return Kind.UNKNOWN if missing_columns(rest, export) else Kind.CSV


def _is_login_sentence(body: bytes) -> bool:
    """Say whether a login sentence stands anywhere but in a delimited row, where it is somebody's words."""
    if not facts.LOGGED_OUT.search(body):
        return False

    return any(facts.LOGGED_OUT.search(line) and b"," not in line for line in body.splitlines())


def missing_columns(body: bytes, export: Export) -> tuple[str, ...]:
    """Return the required columns that the first line does not name, in any order and spelling.

    Source: docs/reference/domain.md#export-headers.
    """
    return tuple(export.missing(columns(body)))


def columns(body: bytes) -> tuple[str, ...]:
    """Return the cells of the first line, trimmed; none where it cannot be read."""
    try:
        return tuple(column.strip() for column in next(csv.reader(_lines(body)), []))
    except csv.Error:
        return ()


def without_sentence(body: bytes) -> bytes:
    """Drop the zero-row sentence where a CSV follows it; nothing else is changed.

    Source: docs/reference/domain.md#valid-download.
    """
    plain = _without_mark(body)
    sentence = facts.NO_ROWS.match(plain)

    return plain[sentence.end() :] if sentence and plain[sentence.end() :].strip() else body


def store_codes(body: bytes) -> set[str]:
    """Return the store codes of a CSV's rows, upper-case; none for an export without rows.

    Raises csv.Error where a row is beyond reading.
    """
    rows = csv.reader(_lines(body))

    header = [normalise(column) for column in next(rows, [])]
    if "storecode" not in header:
        return set()

    column = header.index("storecode")
    return {row[column].strip().upper() for row in rows if len(row) > column} - {""}


def _without_mark(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf")


def _lines(body: bytes) -> Iterator[str]:
    """Yield lines with their ends as they are, blank ones before the header left out; csv.Error for an endless one."""
    text = io.StringIO(
        _without_mark(body).decode("utf-8", errors="replace").replace("\0", "").lstrip(),
        newline="\n",
    )
    while line := text.readline(MAX_LINE_CHARS):
        if len(line) == MAX_LINE_CHARS and not line.endswith("\n"):
            raise csv.Error("a line is longer than any row")

        yield line
