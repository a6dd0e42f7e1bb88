import pytest

from lib.errors import ExitCode
from lib.portal import LoginOutcome, LoginRefused, PortalAway

FAILURES = [outcome for outcome in LoginOutcome if outcome.exit_code is not ExitCode.OK]


def test_only_a_proven_session_is_a_success():
    assert set(LoginOutcome) - set(FAILURES) == {
        LoginOutcome.REUSED,
        LoginOutcome.SIGNED_ON,
        LoginOutcome.LOGGED_IN,
    }


@pytest.mark.parametrize("outcome", FAILURES)
def test_every_other_outcome_ends_the_run_with_its_exit_code_and_what_to_do(outcome):
    error = outcome.error()

    assert isinstance(error, (LoginRefused, PortalAway))
    assert (error.exit_code, str(error)) == (
        outcome.exit_code,
        f"no portal session: {outcome.message}",
    )
    assert {ExitCode.TEMPORARY: "again", ExitCode.CONFIGURATION: ""}[error.exit_code] in str(error)
