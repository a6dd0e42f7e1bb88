import pytest

from demo.portal import pages as shown
from lib.model import Bucket
from lib.portal.site import facts

A668 = {"store_code": "A668"}


def test_every_bucket_has_its_address_and_local_name():
    assert {
        bucket: (e.path.format(**A668), e.file_name.format(**A668))
        for bucket, e in facts.EXPORTS.items()
    } == {
        Bucket.MISSED_LEADS: ("/mis/download_csv?store_code=A668", "A668-missed-leads.csv"),
        Bucket.UNDELIVERED_ALL: (
            "/mis/download_undelivered_csv?type=a&store_code=A668",
            "A668-undelivered-all.csv",
        ),
        Bucket.REPEAT_CUSTOMERS: (
            "/mis/download_repeat_csv?store_code=A668",
            "A668-repeat-customers.csv",
        ),
    }


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
