"""docs/explanation/portal.md tells every state of the portal as the tests know it."""

from pathlib import Path

from demo.portal import Kind as Trouble
from lib.portal import LoginOutcome
from tests.lib.portal import states

DOCUMENT = (Path(__file__).parents[3] / "docs" / "explanation" / "portal.md").read_text(
    encoding="utf-8"
)


def test_the_table_is_the_one_of_the_tests():
    """If it is not: `python -m tests.lib.portal.states` prints the table to put there."""
    assert [line for line in DOCUMENT.splitlines() if line.startswith("|")] == states.table()


def test_every_fault_of_the_simulator_has_a_row():
    faults = [fault for several, _ in states.LOGINS for fault in several]
    faults += [fault for fault, _ in [*states.DASHBOARD_GAPS, *states.FINDINGS]] + states.HARMLESS

    assert {fault.kind for fault in faults} | {trouble for trouble, _ in states.EXPORT_GAPS} == set(
        Trouble
    )


def test_every_login_outcome_has_a_row():
    assert [
        outcome.name for outcome in LoginOutcome if f"LoginOutcome.{outcome.name}`" not in DOCUMENT
    ] == []
