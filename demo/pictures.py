"""Page 1 of each kind of report as a small PNG, for the documentation."""

from __future__ import annotations

from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image

KINDS = {
    "daily": "A668_????-??-??.pdf",
    "weekly": "A668_week_*.pdf",
    "monthly": "A668_month_*.pdf",
    "all-stores": "ALL_????-??-??.pdf",
    "all-stores-weekly": "ALL_week_*.pdf",
}
#: Of 72 dots an inch.
SCALE = 0.9


def draw(reports: Path, directory: Path) -> None:
    """Write `<kind>.png` of the newest report of each kind that is there."""
    directory.mkdir(parents=True, exist_ok=True)

    for kind, pattern in KINDS.items():
        for path in sorted(reports.rglob(pattern))[-1:]:
            document = pypdfium2.PdfDocument(path)
            page = document[0].render(scale=SCALE).to_pil()
            page.quantize(method=Image.Quantize.FASTOCTREE).save(
                directory / f"{kind}.png",
                optimize=True,
            )
            document.close()
