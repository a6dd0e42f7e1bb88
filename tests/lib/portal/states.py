"""Every state of the portal with what becomes of it: data for the tests, and the table in docs/explanation/portal.md.

`python -m tests.lib.portal.states` prints that table.
"""

import sys

from demo.portal import Endpoint, Fault
from demo.portal import Kind as Trouble
from demo.portal.faults import EXPORTS
from lib.errors import ExitCode
from lib.portal import LoginOutcome, StoreGap

LOGINS = [
    ([], LoginOutcome.LOGGED_IN),
    ([Fault(Trouble.SAME_TAB)], LoginOutcome.LOGGED_IN),
    ([Fault(Trouble.CARD_ONLY)], LoginOutcome.LOGGED_IN),
    ([Fault(Trouble.ON_DASHBOARD)], LoginOutcome.LOGGED_IN),
    ([Fault(Trouble.TAB_ERROR, times=1)], LoginOutcome.LOGGED_IN),
    ([Fault(Trouble.LOGIN_LOST)], LoginOutcome.LOGIN_LOST),
    ([Fault(Trouble.TAB_ERROR)], LoginOutcome.NO_SIGN_ON),
    ([Fault(Trouble.NO_TAB)], LoginOutcome.NO_SIGN_ON),
    ([Fault(Trouble.LOGGED_OUT)], LoginOutcome.NO_SIGN_ON),
    ([Fault(Trouble.BOUNCED)], LoginOutcome.REFUSED),
    ([Fault(Trouble.BAD_CREDENTIALS)], LoginOutcome.BAD_CREDENTIALS),
    ([Fault(Trouble.CHALLENGE, Endpoint.LOGIN)], LoginOutcome.CHALLENGE),
    ([Fault(Trouble.CHALLENGE, Endpoint.SUBMIT)], LoginOutcome.CHALLENGE),
    ([Fault(Trouble.RATE_LIMITED, Endpoint.LOGIN)], LoginOutcome.RATE_LIMITED),
    ([Fault(Trouble.RATE_LIMITED, Endpoint.SUBMIT)], LoginOutcome.RATE_LIMITED),
    ([Fault(Trouble.STATUS, Endpoint.HOME)], LoginOutcome.SERVER_ERROR),
    ([Fault(Trouble.UNKNOWN_PAGE, Endpoint.LOGIN)], LoginOutcome.UNKNOWN_PAGE),
    ([Fault(Trouble.UNKNOWN_PAGE, Endpoint.SUBMIT)], LoginOutcome.REFUSED),
    ([Fault(Trouble.DELAY, Endpoint.LOGIN, seconds=30)], LoginOutcome.TIME_OUT),
    ([Fault(Trouble.SLOW_BODY, Endpoint.SUBMIT, seconds=30)], LoginOutcome.TIME_OUT),
    ([Fault(Trouble.DROP, Endpoint.HOME)], LoginOutcome.UNREACHABLE),
]

"""What is wrong at login, and how the login ends. A saved session changes only where it begins."""

DASHBOARD_GAPS = [
    (Fault(Trouble.WRONG_DATE, store="A668"), "the page is about 2025-12-08, not 2025-12-09"),
    (Fault(Trouble.NO_DATE, store="A668"), "the title has no date"),
    (Fault(Trouble.NO_TITLE, store="A668"), "the portal sent an unknown page (status 200)"),
    (Fault(Trouble.NOT_OWNED, Endpoint.DASHBOARD, store="A668"), "its downloads are those of"),
    (
        Fault(Trouble.LOGGED_OUT, Endpoint.DASHBOARD, store="A668"),
        "the portal sent the log-in-first page",
    ),
    (
        Fault(Trouble.EMPTY_BODY, Endpoint.DASHBOARD, store="A668"),
        "the portal sent an unknown page (status 200)",
    ),
    (
        Fault(Trouble.CHALLENGE, Endpoint.DASHBOARD, store="A668"),
        "the portal sent a challenge page (status 403)",
    ),
    (Fault(Trouble.STATUS, Endpoint.DASHBOARD, store="A668"), "a server error (status 503)"),
    (
        Fault(Trouble.RATE_LIMITED, Endpoint.DASHBOARD, store="A668"),
        "too many requests (status 429)",
    ),
    (Fault(Trouble.DROP, Endpoint.DASHBOARD, store="A668"), "the connection broke"),
]
"""What is wrong with the dashboard of one store, and how its gap begins."""

EXPORT_GAPS = [
    (Trouble.LOGGED_OUT, "the portal sent the log-in-first page (status 200) in place of the CSV"),
    (
        Trouble.UNKNOWN_PAGE,
        "the portal sent the log-in-first page (status 200) in place of the CSV",
    ),
    (Trouble.EMPTY_BODY, "the portal sent an unknown page (status 200) in place of the CSV"),
    (Trouble.NOT_OWNED, "its rows belong to another store"),
    (Trouble.CUT, "the connection broke"),
    (Trouble.DROP, "the connection broke"),
    (Trouble.STATUS, "a server error (status 503)"),
    (Trouble.PHP_LIMIT, "a file that breaks off (status 200)"),
]
"""What is wrong with one export of one store, and its gap."""

FINDINGS = [
    (
        Fault(Trouble.RENAMED_HEADER, Endpoint.DASHBOARD, name="Total Undel.", text="Open"),
        "unexpected column 'Open' in Delivery",
    ),
    (
        Fault(Trouble.MISSING_SECTION, name="Package"),
        "the section Package is missing with its 7 metrics",
    ),
    (
        Fault(Trouble.CELL, name="package_new", text="many"),
        "package_new was not read: its text is not one number",
    ),
]
"""What is odd on a dashboard that is read all the same, and the warning about it."""

HARMLESS = [
    Fault(Trouble.ZERO_ROWS),
    Fault(Trouble.ZERO_ROWS_THEN_CSV),
    Fault(Trouble.HEADER_ONLY),
    Fault(Trouble.LAYOUT, text="no_thead"),
    Fault(Trouble.DELAY, Endpoint.DASHBOARD, seconds=0.01, times=1),
    Fault(Trouble.SLOW_BODY, Endpoint.MISSED_LEADS, seconds=0.01, times=1),
    Fault(Trouble.DROP, Endpoint.REPEAT_CUSTOMERS, times=2),
    Fault(Trouble.CUT, Endpoint.UNDELIVERED_ALL, times=2),
    Fault(Trouble.STATUS, Endpoint.DASHBOARD, times=2),
    Fault(Trouble.RATE_LIMITED, Endpoint.DASHBOARD, seconds=1, times=2),
]
"""What is read, or asked for again, without a finding."""


def table():
    """Return the rows of the document, a line each."""
    return [
        "| at the portal | outcome | exit | what the operator sees |",
        "|---|---|---|---|",
        *_rows(),
    ]


def _rows():
    for faults, outcome in LOGINS:
        message = outcome.message if outcome.exit_code is ExitCode.OK else str(outcome.error())
        yield _row(
            _login_state(faults), f"`LoginOutcome.{outcome.name}`", outcome.exit_code, message
        )
    for outcome in (LoginOutcome.REUSED, LoginOutcome.SIGNED_ON):
        yield _row(
            "a saved session that holds" + HOLDS[outcome],
            f"`LoginOutcome.{outcome.name}`",
            0,
            outcome.message,
        )
    for fault, reason in DASHBOARD_GAPS:
        said = str(StoreGap("A668", "the dashboard", f"{reason} …"))
        yield _row(f"a dashboard: {_kind(fault)}", "`StoreGap`", StoreGap.exit_code, said)
    for trouble, reason in EXPORT_GAPS:
        said = str(StoreGap("A668", "the export undelivered_all", reason))
        yield _row(f"an export: {_words(trouble)}", "`StoreGap`", StoreGap.exit_code, said)
    for fault, words in FINDINGS:
        yield _row(f"a dashboard: {_kind(fault)}", "a warning; the rest is stored", 0, words)
    for fault in HARMLESS:
        again = "asked for again" if fault.times == 2 else "read"
        yield _row(
            f"{_place(fault)}: {_kind(fault)}", again, 0, "nothing beyond a line for each attempt"
        )
    for state, outcome in ODD_LOGINS.items():
        yield _row(state, f"`LoginOutcome.{outcome.name}`", outcome.exit_code, str(outcome.error()))
    for state, outcome, code, said in OTHERS:
        yield _row(state, outcome, code, said)


HOLDS = {LoginOutcome.REUSED: " at TMS", LoginOutcome.SIGNED_ON: " only at the login host"}
ODD_LOGINS = {
    "an invalid certificate at TMS": LoginOutcome.INSECURE,
    "both sessions end, after two logins": LoginOutcome.SUBMISSIONS_USED,
    "a window that nobody comes to": LoginOutcome.NO_PERSON,
    "a browser that dies or hangs": LoginOutcome.BROWSER_FAILED,
}
OTHERS = [
    (
        "the TMS session ends in mid-run",
        "renewed once for all stores",
        0,
        "the portal lost the session; logged in, and …",
    ),
    (
        "it ends for the fifth time",
        "`PortalAway`",
        75,
        "the portal lost the session 5 times in this run; run again later",
    ),
    (
        "no connection, also after PORTAL_NETWORK_WAIT_SECONDS",
        "`Unreachable`",
        75,
        "the portal is out of reach: 7 network failures in a row and then no answer to a simple question; …",
    ),
    (
        "too slow for PORTAL_BUDGET_SECONDS",
        "`PortalAway`",
        75,
        "the portal's time for one run (PORTAL_BUDGET_SECONDS, 7200 s) is used up; the next run asks for the rest",
    ),
    (
        "one store too slow",
        "`StoreGap`",
        75,
        "A668: the dashboard is missing: its requests took 600 s already; the next run asks again",
    ),
    (
        "another process uses the account",
        "`AccountInUse`",
        75,
        "the portal account is in use by process 4711 (jobs.login), since …; start again after it has ended",
    ),
    (
        "no browser, or its driver does not start",
        "`ConfigurationError`",
        78,
        "the browser's driver (Playwright's Node.js) does not start (Exception); run: sh demo/setup.sh …",
    ),
    (
        "headers of a section or export changed",
        "a warning, once",
        0,
        "the portal changed the headers of Delivery for 31 stores (A668, …): 'Total Undel.' is now called 'Open'",
    ),
    (
        "most stores show no value for a metric",
        "an error of its own",
        75,
        "Repeat Customers shows no value for repeat_customer_base_6m (31 of 31 stores): look at the page in a browser; …",
    ),
]
"""States that a fault alone does not make, abridged.

The tests of session, client, budget, lease and drift have each.
"""


def _row(state, outcome, code, said):
    return f"| {state} | {outcome} | {int(code)} | {said.replace('|', '/').replace('<', '&lt;')} |"


def _login_state(faults):
    return "login: " + (
        " ".join(f"{_kind(fault)} at {_place(fault)}" for fault in faults) or "nothing is wrong"
    )


def _kind(fault):
    often = {None: "", 1: ", once", 2: ", twice"}[fault.times]
    return (
        f"{_words(fault.kind)}{f' {fault.status}' if fault.kind is Trouble.STATUS else ''}{often}"
    )


def _words(kind):
    return kind.replace("_", " ")


def _place(fault):
    places = {fault.endpoint} if fault.endpoint else fault.places
    return (
        _words(next(iter(places)))
        if len(places) == 1
        else "an export"
        if fault.places <= EXPORTS
        else "TMS"
    )


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
