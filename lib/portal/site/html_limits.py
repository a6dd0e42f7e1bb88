"""Which texts the HTML parser may see: its time grows with the square of nesting and of attributes.

Pure.
"""

from __future__ import annotations

import re

#: Of a page; the real ones have some hundred kilobytes.
MAX_BYTES = 2 * 1024 * 1024
#: Nested in each other they take a second.
MAX_TAGS = 20_000
#: White space, slashes, quotes and equals signs: no page has more attributes than these. They take
#: half a minute.
MAX_GAPS = 100_000
_GAP = re.compile(rb"[\s/\"'=]+")


def is_readable(page: bytes) -> bool:
    """Tell whether a page is small and plain enough to be parsed, whoever wrote it."""
    if len(page) > MAX_BYTES or page.count(b"<") > MAX_TAGS:
        return False

    return sum(1 for _ in _GAP.finditer(page)) <= MAX_GAPS
