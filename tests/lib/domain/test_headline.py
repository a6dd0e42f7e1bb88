import json
from decimal import Decimal

import pytest

from lib.db import jsonb
from lib.domain.headline import Count, from_json, to_json
from lib.model import Bucket
from lib.reports.view.headline import headline
from tests.factories import histories
from tests.factories.reports import T, facts, order


def kept(made):
    """Return the figures as a row of the database gives them back."""
    return json.loads(jsonb.dumps(to_json(made)))


@pytest.mark.parametrize("seed", range(40))
def test_what_a_row_keeps_is_read_back_as_it_was(seed):
    found = histories.daily(seed)
    if found is not None:
        made = headline(found)
        assert from_json(kept(made)) == made


def test_amounts_with_paise_come_back_exactly():
    earlier = (order(15, net_amount=Decimal("99999999999.99")),)
    made = headline(facts(orders=3, leads=2, earlier_orders=earlier))

    assert from_json(kept(made)) == made


def test_no_customer_is_in_what_a_row_keeps():
    made = facts(orders=4, leads=8)
    text = json.dumps(kept(headline(made)), ensure_ascii=False)
    for lead in made.open_leads:
        assert lead.phone not in text
        assert lead.customer_name not in text


def test_a_row_without_figures_or_with_those_of_another_kind_or_version_says_nothing():
    figures = kept(headline(facts()))

    assert from_json(None) is None
    assert from_json({}) is None
    assert from_json(figures | {"version": 2}) is None
    assert from_json(figures | {"kind": "weekly"}) is None


def test_what_a_row_lacks_is_unknown():
    known = {"version": 1, "kind": "daily", "store_code": "A668", "store_name": "X", "on": str(T)}
    found = from_json(known)

    assert (found.sale.rupees, found.month.share_pct, found.undelivered) == (None, None, None)
    assert found.requests_without_order is None
    assert found.count(Count.PICKUPS).day is None


def test_a_list_never_read_is_kept_as_unknown():
    made = headline(facts(unread_lists=frozenset(Bucket)))
    assert from_json(kept(made)).undelivered is None
