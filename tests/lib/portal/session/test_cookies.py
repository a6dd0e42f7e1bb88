import httpx
import pytest

from lib.portal.session.cookies import make_jar, store_reply_cookies, with_jar_values
from lib.portal.session.storage_state import SessionState

TMS, SIMPLIFY = "tms.example.invalid", "example.invalid"


def cookie(name, value, domain=TMS, expires=-1.0):
    return {
        "name": name,
        "value": value,
        "domain": domain,
        "path": "/",
        "expires": expires,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }


def visit(state, *, sets=""):
    """Ask TMS with the cookies of `state`; return what it was sent, its response, and the client's jar."""
    sent = []

    def answer(request):
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": sets} if sets else {})

    with httpx.Client(
        transport=httpx.MockTransport(answer), cookies=make_jar(state, TMS)
    ) as client:
        response = client.get(f"https://{TMS}/")
        return sent[0], response, client.cookies.jar


def test_each_host_gets_its_own_cookies_only():
    state = SessionState((cookie("ci_session", "mine"), cookie("simplify", "other", SIMPLIFY)))

    assert visit(state)[0] == "ci_session=mine"


@pytest.mark.parametrize(
    ("domain", "sent"), [(f".{SIMPLIFY}", "a=b"), (f".{TMS}", "a=b"), (".other.invalid", None)]
)
def test_a_cookie_for_a_whole_domain_goes_to_the_hosts_below_it(domain, sent):
    assert visit(SessionState((cookie("a", "b", domain),)))[0] == sent


def test_an_expired_cookie_is_not_sent():
    assert visit(SessionState((cookie("ci_session", "old", expires=1.0),)))[0] is None


def test_a_reply_changes_nothing_by_itself():
    state = SessionState((cookie("ci_session", "mine"),))
    _, _, kept = visit(state, sets="ci_session=stranger; Path=/")

    assert with_jar_values(state, kept) == state


def test_a_proven_reply_renews_the_session_in_place():
    state = SessionState(
        (cookie("ci_session", "mine"), cookie("simplify", "other", SIMPLIFY)), "Browser/1.0"
    )
    _, response, kept = visit(state, sets="ci_session=newer; Path=/; HttpOnly")
    store_reply_cookies(response, kept)

    assert with_jar_values(state, kept) == SessionState(
        (cookie("ci_session", "newer"), cookie("simplify", "other", SIMPLIFY)), "Browser/1.0"
    )
