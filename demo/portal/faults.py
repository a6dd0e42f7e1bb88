"""What can go wrong at the portal, as data: what, where, for which store, and how often."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Host(StrEnum):
    """The two web sites, each with its own sessions and cookies."""

    SIMPLIFY = "simplify"
    TMS = "tms"


class Endpoint(StrEnum):
    """One kind of request."""

    LOGIN = "login"
    SUBMIT = "submit"
    LOG = "log"
    HOME = "home"
    TRACKER = "tracker"
    HOP = "hop"
    TICKETS = "tickets"
    DASHBOARD = "dashboard"
    MISSED_LEADS = "missed_leads"
    UNDELIVERED_ALL = "undelivered_all"
    UNDELIVERED = "undelivered"
    UNDELIVERED_OVER_10 = "undelivered_over_10"
    REPEAT_CUSTOMERS = "repeat_customers"
    NON_PACKAGE_ALL = "nonpackage_all"
    NON_PACKAGE_UNDELIVERED = "nonpackage_undelivered"
    OTHER = "other"


EXPORTS = frozenset(list(Endpoint)[list(Endpoint).index(Endpoint.MISSED_LEADS) : -1])
PAGES_WITH_SESSION = frozenset({Endpoint.TICKETS, Endpoint.DASHBOARD})
STORE_PAGES = EXPORTS | {Endpoint.DASHBOARD}
EVERYWHERE = frozenset(Endpoint)


class Kind(StrEnum):
    """What goes wrong. The fields of Fault that a kind reads are named with it."""

    #: `seconds` pass before the headers.
    DELAY = "delay"
    #: Headers at once, then `seconds` pass before the body.
    SLOW_BODY = "slow_body"
    #: The connection closes without an answer.
    DROP = "drop"
    #: The connection closes in the middle of the body.
    CUT = "cut"
    #: An error page with `status` (500 to 599, or 401 and 403).
    STATUS = "status"
    #: 429 with `Retry-After: seconds`; without that header when seconds is 0.
    RATE_LIMITED = "rate_limited"
    #: A page that wants proof of a human, with status 403.
    CHALLENGE = "challenge"
    #: A page nobody has seen before, with status 200.
    UNKNOWN_PAGE = "unknown_page"
    #: Status 200 and nothing.
    EMPTY_BODY = "empty_body"
    #: The MIS host's page for strangers although the session is good.
    LOGGED_OUT = "logged_out"
    #: A login that is right ends on /home/log all the same.
    BOUNCED = "bounced"
    #: A login that is right ends on the form with a message.
    BAD_CREDENTIALS = "bad_credentials"
    #: The tracker card opens in the same tab.
    SAME_TAB = "same_tab"
    #: The tracker card is no link but a clickable element of class card; it opens a new tab.
    CARD_ONLY = "card_only"
    #: A click on the tracker card does nothing.
    NO_TAB = "no_tab"
    #: At a click on the tracker card every login of the site is forgotten: the form is shown again.
    LOGIN_LOST = "login_lost"
    #: The new tab ends on the browser's own error page.
    TAB_ERROR = "tab_error"
    #: The hop ends on a dashboard in place of the tickets.
    ON_DASHBOARD = "on_dashboard"
    #: Another store's page or rows.
    NOT_OWNED = "not_owned"
    #: The column `name` (its canonical text) is called `text`.
    RENAMED_HEADER = "renamed_header"
    #: The dashboard has no section `name`.
    MISSING_SECTION = "missing_section"
    #: The dashboard is about the day before.
    WRONG_DATE = "wrong_date"
    NO_DATE = "no_date"
    NO_TITLE = "no_title"
    #: The cell of metric column `name` reads `text`.
    CELL = "cell"
    #: The tables are built as Layout `text`.
    LAYOUT = "layout"
    #: `No data available to export.`
    ZERO_ROWS = "zero_rows"
    #: The sentence for zero rows as the first line of a file that has rows.
    ZERO_ROWS_THEN_CSV = "zero_rows_then_csv"
    HEADER_ONLY = "header_only"
    #: PHP's time limit ends the export after half of its rows, with its last words and status 200.
    PHP_LIMIT = "php_limit"


_DASHBOARD = frozenset({Endpoint.DASHBOARD})
_HOME = frozenset({Endpoint.HOME})
_SUBMIT = frozenset({Endpoint.SUBMIT})
_TRACKER = frozenset({Endpoint.TRACKER})
_HOP = frozenset({Endpoint.HOP})
PLACES: dict[Kind, frozenset[Endpoint]] = {
    Kind.LOGGED_OUT: STORE_PAGES | PAGES_WITH_SESSION,
    Kind.BOUNCED: _SUBMIT,
    Kind.BAD_CREDENTIALS: _SUBMIT,
    Kind.SAME_TAB: _HOME,
    Kind.CARD_ONLY: _HOME,
    Kind.NO_TAB: _HOME,
    Kind.LOGIN_LOST: _TRACKER,
    Kind.TAB_ERROR: _HOP,
    Kind.ON_DASHBOARD: _HOP,
    Kind.NOT_OWNED: STORE_PAGES,
    Kind.RENAMED_HEADER: STORE_PAGES,
    Kind.MISSING_SECTION: _DASHBOARD,
    Kind.WRONG_DATE: _DASHBOARD,
    Kind.NO_DATE: _DASHBOARD,
    Kind.NO_TITLE: _DASHBOARD,
    Kind.CELL: _DASHBOARD,
    Kind.LAYOUT: _DASHBOARD,
    Kind.ZERO_ROWS: EXPORTS,
    Kind.ZERO_ROWS_THEN_CSV: EXPORTS,
    Kind.HEADER_ONLY: EXPORTS,
    Kind.PHP_LIMIT: EXPORTS,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    `endpoint` None: wherever the kind makes sense; `store` None: every store; `times` None: until
    it is cleared.
    """

    kind: Kind
    endpoint: Endpoint | None = None
    store: str | None = None
    times: int | None = None
    seconds: float = 0
    status: int = 503
    name: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        if self.endpoint is not None and self.endpoint not in self.places:
            raise ValueError(
                f"{self.kind} never happens at {self.endpoint}; it does at {sorted(self.places)}"
            )

        if self.store is not None and not STORE_PAGES & (
            {self.endpoint} if self.endpoint else self.places
        ):
            raise ValueError(
                f"{self.kind} at {self.endpoint} is not about one store; leave store out"
            )

    @property
    def places(self) -> frozenset[Endpoint]:
        return PLACES.get(self.kind, EVERYWHERE)

    def strikes(
        self,
        endpoint: Endpoint,
        store: str | None,
    ) -> bool:
        here = endpoint is self.endpoint if self.endpoint else endpoint in self.places
        return here and self.store in (None, store)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        endpoint = value.get("endpoint")
        return cls(
            **{
                **value,
                "kind": Kind(value["kind"]),
                "endpoint": Endpoint(endpoint) if endpoint else None,
            }
        )
