import pytest

from lib.domain.exports import EXPORTS
from lib.ingest.duplicates import Duplicates
from lib.model import Bucket

LEADS = EXPORTS[Bucket.MISSED_LEADS]
LEAD = {
    "pickup_row_id": "1",
    "mobile_number": "9",
    "is_order_placed": "0",
    "pickup_created_date": "2025-11-03",
    "pickup_created_time": "10:15:00",
}


def outranked(*changes, refused=frozenset()):
    rows = [LEAD | {"pickup_row_id": str(number)} | change for number, change in enumerate(changes)]
    places = {LEADS.names.index(name): name for name in LEAD}
    columns = {place: [row[name] for row in rows] for place, name in places.items()}
    return Duplicates(LEADS).among(columns, refused)


def test_it_looks_at_identity_key_and_precedence_alone():
    assert {LEADS.names[place] for place in Duplicates(LEADS).places} == set(LEAD)


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        pytest.param([{}, {"mobile_number": "8"}], set(), id="two customers"),
        pytest.param([{}, {}, {}], {0, 1}, id="of equals the later"),
        pytest.param(
            [{}, {"is_order_placed": "1", "pickup_created_date": ""}, {}], {0, 2}, id="placed"
        ),
        pytest.param([{}, {"pickup_created_date": ""}], {1}, id="a day beats none"),
        pytest.param(
            [{"pickup_created_time": "9"}, {"pickup_created_time": "10"}], {1}, id="as texts"
        ),
        pytest.param(
            [{"pickup_row_id": "5"}, {"pickup_row_id": "5", "mobile_number": "8"}],
            {0},
            id="one pickup with its old and its edited mobile",
        ),
        pytest.param(
            [
                {"pickup_row_id": "5", "is_order_placed": "1"},
                {"pickup_row_id": "5", "mobile_number": "8", "is_order_placed": "0"},
                {"pickup_row_id": "6", "mobile_number": "8"},
            ],
            {1},
            id="a row that lost its identity takes nobody's key",
        ),
    ],
)
def test_one_row_of_each_identity_and_then_of_each_key_is_kept(changes, lost):
    assert outranked(*changes) == lost


def test_refused_rows_take_no_part():
    empty = dict.fromkeys(LEAD, "")

    assert outranked({}, empty, empty, refused={1, 2}) == set()
    assert outranked({}, empty, {}, empty, refused={1, 3}) == {0}
