import json
from zoneinfo import ZoneInfo

import pytest

from lib.db import jsonb
from lib.domain.period_headline import combined_from_json, period_from_json, to_json
from lib.model import Bucket, Pipeline
from lib.reports.combined.context import combined_context
from lib.reports.period.context import store_context
from tests.factories import histories
from tests.factories.periods import DAY, MONTH, WEEK, run_of, standing, store

IST = ZoneInfo("Asia/Kolkata")


def kept(made):
    """Return the figures as a row of the database gives them back."""
    return json.loads(jsonb.dumps(to_json(made)))


def of_store(facts, pipeline=Pipeline.WEEKLY, period=WEEK):
    return store_context(facts, run_of(pipeline, period), IST).headline


def of_all(pipeline, period, number=3):
    stores = [standing(pipeline, period, f"S{n}", seed=n, target=90001 * n) for n in range(number)]
    run = run_of(pipeline, period)
    return combined_context(stores, run, period, IST, absent=["LAKE VIEW"]).headline


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(
    ("pipeline", "period"), [(Pipeline.WEEKLY, WEEK), (Pipeline.MONTHLY, MONTH)]
)
def test_what_a_row_keeps_of_a_store_is_read_back_as_it_was(seed, pipeline, period):
    facts = histories.period(seed, pipeline, period)
    if facts is not None:
        made = of_store(facts, pipeline, period)
        assert period_from_json(kept(made)) == made


@pytest.mark.parametrize(
    ("pipeline", "period"),
    [(Pipeline.DAILY, DAY), (Pipeline.WEEKLY, WEEK), (Pipeline.MONTHLY, MONTH)],
)
def test_what_a_row_keeps_of_all_stores_is_read_back_as_it_was(pipeline, period):
    made = of_all(pipeline, period)

    assert made.look_first
    assert combined_from_json(kept(made)) == made


def test_a_row_of_another_kind_or_version_says_nothing():
    week, everyone = kept(of_store(store(Pipeline.WEEKLY, WEEK))), kept(of_all(Pipeline.DAILY, DAY))
    for read, own, other in (
        (period_from_json, week, everyone),
        (combined_from_json, everyone, week),
    ):
        assert read(None) is read({}) is read(other) is read(own | {"version": 2}) is None


def test_a_sale_is_compared_only_where_no_day_is_missing():
    whole = of_store(store(Pipeline.WEEKLY, WEEK)).sale
    holed = of_store(store(Pipeline.WEEKLY, WEEK, skip={WEEK.first})).sale

    assert whole.change is not None
    assert (holed.days, holed.of_days, holed.change) == (6, 7, None)


def test_a_list_never_read_is_kept_as_unknown():
    facts = histories.period(1, Pipeline.WEEKLY, WEEK)
    unread = of_store(type(facts)(**(vars(facts) | {"unread_lists": frozenset(Bucket)})))

    assert period_from_json(kept(unread)).undelivered is None
