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

#: Of a CSV's line: a file with a longer one is no CSV.
MAX_LINE_CHARS = 128 * 1024

OK = 200
TOO_MANY_REQUESTS = 429
UNAUTHORISED = frozenset({401, 403})
REDIRECTS = frozenset({301, 302, 303, 307})
FIRST_SERVER_ERROR = 500
REQUEST_TIMEOUT = 408
SERVER_ERRORS = frozenset({REQUEST_TIMEOUT, *range(FIRST_SERVER_ERROR, 600)})

#: At the end of a body, for the last words of PHP.
_END_BYTES = 4096

_HEADER_AND_ROW = 2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ReplyKind(Enum):
    """Every answer that is told apart."""

    #: It has the dashboard title.
    PAGE = "a dashboard"
    CSV = "a CSV with the expected columns"
    #: The portal's sentence for it: valid, zero rows.
    EMPTY_EXPORT = "an export without rows"
    #: A login sentence, 401, 403, or HTML where CSV was asked for.
    LOGGED_OUT = "the log-in-first page"
    RATE_LIMITED = "too many requests"
    #: The site wants proof of a human.
    CHALLENGE = "a challenge page"
    SERVER_ERROR = "a server error"
    #: PHP ended by its time or memory limit, or the body ends in the middle of a row.
    CUT_SHORT = "a file that breaks off"
    #: Nothing proves what it is.
    UNKNOWN = "an unknown page"


@dataclass(frozen=True)
class Reply:
    """One whole response: header names in lower case, the body decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    #: False for a body whose end nothing marks: it may have been cut short.
    is_proven_whole: bool = True


def classify(reply: Reply, export: Export | None = None) -> ReplyKind:
    """Return what the reply is; `export` is the CSV that was asked for, None for a dashboard."""
    if reply.headers.get("cf-mitigated") == "challenge":
        return ReplyKind.CHALLENGE

    if reply.status != OK:
        return _by_status(reply)

    if export is None:
        return _page(reply)

    return _export(reply, export)


def _by_status(reply: Reply) -> ReplyKind:
    if facts.CHALLENGE.search(reply.body):
        return ReplyKind.CHALLENGE

    if reply.status == TOO_MANY_REQUESTS:
        return ReplyKind.RATE_LIMITED

    if reply.status in UNAUTHORISED:
        return ReplyKind.LOGGED_OUT

    if reply.status in REDIRECTS and "login" in reply.headers.get(
        "location",
        "",
    ):
        return ReplyKind.LOGGED_OUT

    return ReplyKind.SERVER_ERROR if reply.status in SERVER_ERRORS else ReplyKind.UNKNOWN


def _page(reply: Reply) -> ReplyKind:
    if facts.LOGGED_OUT.search(reply.body):
        return ReplyKind.LOGGED_OUT

    if facts.PHP_ENDED.search(reply.body[-_END_BYTES:]):
        return ReplyKind.CUT_SHORT

    if not html_limits.is_readable(reply.body):
        return ReplyKind.UNKNOWN

    # The title outranks a challenge's marks: a page behind a proxy may carry its script.
    if LexborHTMLParser(reply.body).css_first(facts.TITLE) is not None:
        return ReplyKind.PAGE

    return ReplyKind.CHALLENGE if facts.CHALLENGE.search(reply.body) else ReplyKind.UNKNOWN


def _export(reply: Reply, export: Export) -> ReplyKind:
    if facts.PHP_ENDED.search(reply.body[-_END_BYTES:]):
        return ReplyKind.CUT_SHORT

    if facts.HTML.search(reply.body) or "html" in reply.headers.get(
        "content-type",
        "",
    ):
        return ReplyKind.CHALLENGE if facts.CHALLENGE.search(reply.body) else ReplyKind.LOGGED_OUT

    body = reply.body.removeprefix(_BYTE_ORDER_MARK)
    sentence = facts.NO_ROWS.match(body)
    rest = body[sentence.end() :] if sentence else body

    if _has_login_sentence(rest):
        return ReplyKind.LOGGED_OUT

    if sentence and not rest.strip():
        return ReplyKind.EMPTY_EXPORT

    if missing_columns(rest, export):
        return ReplyKind.UNKNOWN

    return ReplyKind.CUT_SHORT if breaks_off(rest) else ReplyKind.CSV


def _has_login_sentence(body: bytes) -> bool:
    """Return True if a login sentence stands outside a delimited row.

    Inside a row it is what a customer wrote.
    """
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
        first = next(csv.reader(_lines(body)), [])
    except csv.Error:
        return ()

    return tuple(column.strip() for column in first)


def breaks_off(body: bytes) -> bool:
    """Return True if a CSV ends in the middle of a row.

    That is: the last line is a row of its own with fewer cells than the header, and no row before
    it has so few. Lines that begin with a tag are notices of PHP, which may stand anywhere. Where
    quotes leave a doubt, as those of PHP do, it is no: `lib.ingest` looks closer.
    """
    try:
        rows = [row for row in csv.reader(_lines(body)) if row and not _is_notice(row)]
    except csv.Error:
        return False

    if len(rows) < _HEADER_AND_ROW or len(rows[-1]) >= len(rows[0]):
        return False

    last_line = ",".join(rows[-1]).encode()
    is_a_line = b'"' not in last_line and body.rstrip().endswith(b"\n" + last_line.rstrip())

    return is_a_line and all(len(row) >= len(rows[0]) for row in rows[1:-1])


def _is_notice(row: list[str]) -> bool:
    return row[0].lstrip().startswith("<")


def without_sentence(body: bytes) -> bytes:
    """Return the body without the zero-row sentence where a CSV follows it, else unchanged."""
    plain = body.removeprefix(_BYTE_ORDER_MARK)
    sentence = facts.NO_ROWS.match(plain)

    if sentence and plain[sentence.end() :].strip():
        return plain[sentence.end() :]

    return body


def store_codes(body: bytes) -> set[str]:
    """Return the store codes of a CSV's rows, upper-case; none for an export without rows.

    Raise csv.Error if a row cannot be read.
    """
    rows = csv.reader(_lines(body))
    header = list(map(normalise, next(rows, [])))

    if "storecode" not in header:
        return set()

    column = header.index("storecode")
    codes = {row[column].strip().upper() for row in rows if len(row) > column}

    return codes - {""}


def _lines(body: bytes) -> Iterator[str]:
    """Yield lines with their ends as they are, without blank ones before the header.

    Raise csv.Error if a line has no end.
    """
    text = body.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", errors="replace")
    stream = io.StringIO(text.replace("\0", "").lstrip(), newline="\n")

    while line := stream.readline(MAX_LINE_CHARS):
        if len(line) == MAX_LINE_CHARS and not line.endswith("\n"):
            raise csv.Error("a line is longer than any row")

        yield line
