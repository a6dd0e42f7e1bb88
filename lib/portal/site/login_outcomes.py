"""The closed list of how a login can end, each with its exit code and the next step."""

from __future__ import annotations

from enum import Enum

from lib.errors import ExitCode, JobError
from lib.portal.site.errors import LoginRefused, PortalAway, Unreachable


class LoginOutcome(Enum):
    """How a login ended. `exit_code` is `OK` where there is a session."""

    REUSED = (
        ExitCode.OK,
        "the saved session still opens TMS; no browser was started",
    )
    SIGNED_ON = (
        ExitCode.OK,
        "the saved login still held; the tracker card opened TMS",
    )
    LOGGED_IN = (
        ExitCode.OK,
        "logged in, and the tracker card opened TMS",
    )
    BAD_CREDENTIALS = (
        ExitCode.CONFIGURATION,
        (
            "the portal says that user name or password is wrong;"
            " correct TD_<KEY>_USERNAME and TD_<KEY>_PASSWORD"
        ),
    )
    REFUSED = (
        ExitCode.CONFIGURATION,
        (
            "the portal refused the login without a word (it ended on /home/log);"
            " check user name and password in a browser, and if they work there, the portal"
            " distrusts this machine: make the storage state on another one with"
            " jobs.login --headed"
        ),
    )
    CHALLENGE = (
        ExitCode.CONFIGURATION,
        (
            "the portal wants proof of a human;"
            " let a person log in once: python -m jobs.login --headed"
        ),
    )
    RATE_LIMITED = (
        ExitCode.TEMPORARY,
        "the portal says too many requests at login; run again after a pause",
    )
    TIME_OUT = (
        ExitCode.TEMPORARY,
        "the portal did not answer within PORTAL_TIMEOUT_SECONDS at login; run again later",
    )
    UNREACHABLE = (
        ExitCode.TEMPORARY,
        "the portal cannot be reached; check the network of this machine, run again",
    )
    SERVER_ERROR = (
        ExitCode.TEMPORARY,
        "the portal answers with a server error at login; run again later",
    )
    INSECURE = (
        ExitCode.TEMPORARY,
        (
            "the portal's TLS certificate is not valid; nothing was sent, and the check is never"
            " switched off: tell the portal's operator, run again when it is renewed"
        ),
    )
    UNKNOWN_PAGE = (
        ExitCode.TEMPORARY,
        (
            "the portal shows a page that is neither home nor login form; look in a browser:"
            " if it is under repair, run again later;"
            " if its pages changed, lib/portal/site/facts.py must follow"
        ),
    )
    LOGIN_LOST = (
        ExitCode.TEMPORARY,
        (
            "logged in, but the portal forgot the login and shows the form again;"
            " try the tracker card in a browser, run again later"
        ),
    )
    NO_SIGN_ON = (
        ExitCode.TEMPORARY,
        (
            "logged in, but the tracker card did not open TMS, twice;"
            " try the card in a browser, run again later"
        ),
    )
    SUBMISSIONS_USED = (
        ExitCode.TEMPORARY,
        "the session was lost again after two logins in this run; the next run logs in afresh",
    )
    NO_PERSON = (
        ExitCode.TEMPORARY,
        (
            "nobody finished the login in the window within 10 minutes; try again:"
            " python -m jobs.login --headed"
        ),
    )
    BROWSER_FAILED = (
        ExitCode.TEMPORARY,
        (
            "the browser died or hung during the login and was ended;"
            " run again, and check BROWSER_EXECUTABLE if it stays"
        ),
    )

    def __init__(self, exit_code: ExitCode, message: str) -> None:
        self.exit_code = exit_code
        self.message = message

    def __str__(self) -> str:
        return self.message

    def error(self) -> JobError:
        """Return the error that ends the run; only for an outcome without a session."""
        text = f"no portal session: {self.message}"

        if self is LoginOutcome.UNREACHABLE:
            return Unreachable(text)

        if self.exit_code is ExitCode.CONFIGURATION:
            return LoginRefused(text)

        return PortalAway(text)
