"""Which fault strikes when."""

from __future__ import annotations

import pytest

from lib.drill import choice
from lib.drill.model import Fault, Plan
from lib.model import Phase

SEEDS = range(1, 400)


def test_a_seed_chooses_the_same_fault_and_moment_again():
    assert choice.plan(7, list(Fault)) == choice.plan(7, list(Fault))


def test_what_a_seed_chose_is_repeated_by_naming_it():
    for seed in SEEDS:
        chosen = choice.plan(seed, list(Fault))
        assert choice.plan(seed, list(Fault), chosen.fault) == chosen


def test_every_fault_is_chosen_by_some_seed():
    assert {choice.plan(seed, list(Fault)).fault for seed in SEEDS} == set(Fault)


def test_a_fault_that_is_impossible_here_is_never_chosen():
    possible = [Fault.KILL, Fault.MAIL]
    assert {choice.plan(seed, possible).fault for seed in SEEDS} == set(possible)


def test_a_kill_may_come_in_every_phase_of_a_run():
    phases = {choice.plan(seed, list(Fault), Fault.KILL).phase for seed in SEEDS}
    assert phases == set(Phase) - {Phase.PREFLIGHT}


@pytest.mark.parametrize("fault", [Fault.PORTAL, Fault.MAIL])
def test_a_proxy_counts_from_one(fault):
    plans = [choice.plan(seed, list(Fault), fault) for seed in SEEDS]
    assert min(plan.nth for plan in plans) == 1
    assert {plan.phase for plan in plans} == {None}


@pytest.mark.parametrize(
    ("plan", "moment"),
    [
        (Plan(Fault.KILL, 7, phase=Phase.MERGE), "behind the first log line of the phase merge"),
        (Plan(Fault.MAIL, 7, nth=2), "at mail 2 of the run"),
        (Plan(Fault.PORTAL, 7, nth=3), "at exchange with the portal 3 of the run"),
    ],
    ids=["phase", "mail", "portal"],
)
def test_the_moment_is_said_in_words(plan, moment):
    assert plan.moment == moment


def test_a_new_seed_can_be_typed():
    assert 1 <= choice.new_seed() <= choice.MOST_SEED
