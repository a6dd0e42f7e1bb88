import pytest

from demo.portal import pages as shown
from lib.portal.site import facts


@pytest.mark.parametrize(
    "sentence",
    [
        "You need to be logged in to view this page!",
        "you NEED to log in",
        "You need to login first",
        "Please log in",
        "please login.",
    ],
)
def test_every_way_to_say_log_in_first_is_known(sentence):
    assert facts.LOGGED_OUT.search(sentence.encode())


@pytest.mark.parametrize(
    "sentence", ["Invalid password", "incorrect USERNAME", "Invalid username or password."]
)
def test_every_way_to_refuse_credentials_is_known(sentence):
    assert facts.BAD_CREDENTIALS.search(sentence)


@pytest.mark.parametrize(
    ("page", "is_challenge"),
    [(shown.challenge_page(), True), (shown.login_page(), False), (shown.home_page(""), False)],
)
def test_a_challenge_is_known_by_its_own_marks(page, is_challenge):
    assert bool(facts.CHALLENGE.search(page.encode())) is is_challenge
