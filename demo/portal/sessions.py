"""Who is logged in where.

The two hosts know nothing of each other but the one-time token of the hop.
"""

import secrets
from dataclasses import dataclass, field


@dataclass
class Sessions:
    """Session ids by host and unused hop tokens.

    `tms_requests_left` counts down to one expiry of all TMS sessions.
    """

    simplify: set[str] = field(default_factory=set)
    tms: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    tms_requests_left: int | None = None
    #: A new TMS session ends the earlier ones.
    is_one_tms_session: bool = False

    def log_in(self) -> str:
        return _new(self.simplify)

    def issue_token(self) -> str:
        return _new(self.tokens)

    def open_tms(self) -> str:
        if self.is_one_tms_session:
            self.tms.clear()

        return _new(self.tms)

    def redeem(self, token: str) -> str | None:
        """A TMS session id for a token that has not been used before."""
        if token not in self.tokens:
            return None

        self.tokens.remove(token)
        return self.open_tms()

    def admits_tms(self, session: str | None) -> bool:
        """Whether this TMS request is let in; it counts against `tms_requests_left`."""
        if session not in self.tms:
            return False

        if self.tms_requests_left == 0:
            self.expire_tms()
            return False

        if self.tms_requests_left is not None:
            self.tms_requests_left -= 1

        return True

    def expire_tms(self) -> None:
        self.tms.clear()
        self.tokens.clear()
        self.tms_requests_left = None

    def expire_simplify(self) -> None:
        self.simplify.clear()
        self.tokens.clear()


def _new(ids: set[str]) -> str:
    identifier = secrets.token_hex(16)
    ids.add(identifier)

    return identifier
