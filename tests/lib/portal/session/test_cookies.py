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
    """Ask TMS with the cookies of `state`.

    Return what it was sent, its response, and the client's jar.
    """
    sent = []

    def answer(request):
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": sets.encode()} if sets else {})

    with httpx.Client(
        transport=httpx.MockTransport(answer), cookies=make_jar(state, TMS)
    ) as client:
        response = client.get(f"https://{TMS}/")
        return sent[0], response, client.cookies.jar


def session_of(*cookies):
    return SessionState(cookies)


def ask(state, address):
    """Ask twice, the first reply renewing the session.

    Return what was sent first, and the state.
    """
    sent = []

    def answer(request):
        sent.append(request.headers.get("cookie"))
        return httpx.Response(200, headers={"set-cookie": "ci_session=newer; Path=/; HttpOnly"})

    jar = make_jar(state, httpx.URL(address).host)
    with httpx.Client(transport=httpx.MockTransport(answer), cookies=jar) as client:
        store_reply_cookies(client.get(address), jar)
        client.get(address)

    renewed = with_jar_values(state, jar)
    assert sent[1] in {None, "ci_session=newer"}
    return sent[:1], renewed


def test_each_host_gets_its_own_cookies_only():
    state = SessionState((cookie("ci_session", "mine"), cookie("simplify", "other", SIMPLIFY)))

    assert visit(state)[0] == "ci_session=mine"


@pytest.mark.parametrize(
    ("domain", "sent"), [(f".{SIMPLIFY}", "a=b"), (f".{TMS}", "a=b"), (".other.invalid", None)]
)
def test_a_cookie_for_a_whole_domain_goes_to_the_hosts_below_it(domain, sent):
    assert visit(SessionState((cookie("a", "b", domain),)))[0] == sent


@pytest.mark.parametrize("host", ["tms", "localhost", "TMS"])
def test_a_host_without_a_dot_gets_its_cookies_as_from_a_browser(host):
    sent, kept = ask(session_of(cookie("ci_session", "mine", host)), f"http://{host}:8080/")

    assert sent == ["ci_session=mine"]
    assert kept == session_of(cookie("ci_session", "newer", host))


def test_a_host_without_a_dot_gets_no_cookie_of_another_one():
    sent, _ = ask(session_of(cookie("ci_session", "mine", "simplify")), "http://tms/")

    assert sent == [None]


@pytest.mark.parametrize(
    "odd",
    [
        {"value": "caf\u00e9"},
        {"value": "\u0930\u093e\u092e"},
        {"value": "a\r\nx: y"},
        {"value": "a\x00b"},
        {"value": "\ud800"},
        {"value": "a;b"},
        {"value": "x" * 5000},
        {"name": ""},
        {"name": "a b"},
        {"name": "n\u00e4me"},
        {"path": "/\u00e9"},
        {"path": "nowhere"},
        {"expires": float("nan")},
        {"expires": float("inf")},
        {"expires": 1e300},
        {"domain": "tms.example.inv\u00e4lid"},
    ],
    ids=str,
)
def test_a_cookie_that_a_library_refuses_is_left_out_and_the_others_are_sent(odd):
    state = SessionState((cookie("ci_session", "mine"), cookie("odd", "x") | odd))

    assert visit(state)[0] == "ci_session=mine"


def test_a_reply_brings_no_cookie_that_cannot_be_sent():
    state = session_of(cookie("ci_session", "mine"))
    _, response, kept = visit(state, sets="ci_session=caf\u00e9; Path=/")
    store_reply_cookies(response, kept)

    assert with_jar_values(state, kept) == state


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
