"""Which texts the HTML parser may see: its time grows with the square of nesting and attributes.

Pure.
"""

from __future__ import annotations

import re

#: Of a page; real ones have a few hundred kilobytes.
MAX_BYTES = 2 * 1024 * 1024

#: Nested in each other, so many tags take one second.
MAX_TAGS = 20_000

#: Runs of white space, slashes, quotes and equals signs. A page has no more attributes than these,
#: and so many attributes take half a minute.
MAX_GAPS = 100_000

_GAP = re.compile(rb"[\s/\"'=]+")


def is_readable(page: bytes) -> bool:
    """Return True if a page is small and plain enough to be parsed."""
    if len(page) > MAX_BYTES or page.count(b"<") > MAX_TAGS:
        return False

    gaps = sum(1 for _ in _GAP.finditer(page))
    return gaps <= MAX_GAPS
