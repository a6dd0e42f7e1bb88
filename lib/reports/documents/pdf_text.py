"""The text of a report's PDF: the only place that reads it back. Only what we drew is read."""

from __future__ import annotations

from io import BytesIO


def lines(content: bytes) -> list[str]:
    """Return the lines of all pages, in the order in which they were drawn."""
    from pypdf import PdfReader

    found = []

    for page in PdfReader(BytesIO(content)).pages:
        for line in page.extract_text().splitlines():
            found.append(" ".join(line.split()))

    return found
