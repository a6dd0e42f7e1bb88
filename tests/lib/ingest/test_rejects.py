import json

import pytest

from lib.ingest.rejects import EMPTY, Reject, Rejections
from lib.model import Status

NAME = "A668-missed-leads.csv"


def reject(line=2, reason=EMPTY, column="pickup_row_id", content=("", "Secret Name")):
    return Reject("A668", NAME, line, column, reason, ("id", "customer_name"), content)


def test_five_rejected_rows_are_told_and_the_rest_is_counted():
    rejections = Rejections(NAME)
    for line in range(2, 9):
        rejections.add(reject(line, column=None if line == 2 else "pickup_row_id"))

    assert rejections.count == 7
    assert list(rejections.texts()) == [
        f"{NAME} line 2 rejected: is empty",
        *(f"{NAME} line {line} rejected: pickup_row_id is empty" for line in range(3, 7)),
        f"{NAME}: 2 more rows rejected",
    ]


def test_a_file_without_rejected_rows_tells_nothing():
    assert list(Rejections(NAME).texts()) == []


@pytest.mark.parametrize(
    ("reasons", "read", "severity"),
    [
        pytest.param([EMPTY] * 5, 10, Status.OK, id="a few missing ids"),
        pytest.param([EMPTY] * 6, 300, Status.OK, id="a fiftieth of a file"),
        pytest.param([EMPTY] * 7, 300, Status.WARNING, id="more of them"),
        pytest.param([EMPTY, "is not a number"], 300, Status.WARNING, id="another reason"),
    ],
)
def test_a_few_missing_ids_are_known_and_anything_else_is_for_people(reasons, read, severity):
    rejections = Rejections(NAME)
    for reason in reasons:
        rejections.add(reject(reason=reason))

    assert rejections.severity(read) is severity


def test_the_row_is_in_what_is_kept_and_in_nothing_that_can_be_logged():
    each = reject()

    assert json.loads(each.as_json()) == {
        "column": "pickup_row_id",
        "reason": "is empty",
        "row": {"header": ["id", "customer_name"], "cells": ["", "Secret Name"]},
    }
    assert "Secret" not in f"{each} {each!r}"


def test_a_line_that_is_no_row_is_kept_as_it_is():
    assert json.loads(reject(content="1,2,3\r\n").as_json())["row"] == {
        "header": ["id", "customer_name"],
        "line": "1,2,3\r\n",
    }
