from lib.ingest.findings import Rejections


def test_five_rejected_rows_are_told_and_the_rest_is_counted():
    rejections = Rejections("A668-missed-leads.csv")
    for line in range(2, 9):
        rejections.add(line, None if line == 2 else "pickup_row_id", "is empty")
    assert rejections.count == 7
    assert rejections.texts() == [
        "A668-missed-leads.csv line 2 rejected: is empty",
        *(f"A668-missed-leads.csv line {line} rejected: pickup_row_id is empty" for line in range(3, 7)),
        "A668-missed-leads.csv: 2 more rows rejected",
    ]


def test_a_file_without_rejected_rows_tells_nothing():
    assert Rejections("A668-missed-leads.csv").texts() == []
