from pathlib import Path

from lib.db import reference
from lib.db.tables import metadata

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "tables.md"


def test_every_table_is_explained_and_no_other():
    assert reference.HOLDS.keys() == metadata.tables.keys()


def test_the_page_is_made_of_the_metadata():
    assert PAGE.read_text(encoding="utf-8") == reference.as_markdown() + "\n", (
        "run: python -m lib.db.reference > docs/reference/tables.md"
    )
