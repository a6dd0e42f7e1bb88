"""Which rows apply and who gets which mail. Pure.

Source: docs/reference/domain.md#notification-selection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.model import Finding, Status
from lib.notify.model.addresses import Address, InvalidAddress, checked, distinct
from lib.notify.model.rows import ALL, ANY_ENV, Profile, Recipient, Scope, SendAs


class UnusableRecipient(ValueError):
    """A recipient's row says something that has no meaning; the text says what."""


@dataclass(frozen=True)
class Route:
    """One usable address of a profile and the part of the profile's mails that it gets."""

    address: Address
    send_as: SendAs
    #: Upper-case; None: every store.
    store_code: str | None


@dataclass(frozen=True)
class Lists:
    """The three lists of one mail, without an address twice: `to` wins over `cc`, `cc` over `bcc`."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()


def env_matches(env: str, run_env: str) -> bool:
    """Tell whether a row for `env` applies to a run in `run_env`: exact text, or `any`."""
    return env in (ANY_ENV, run_env)


def routes(
    profile: Profile, recipients: Iterable[Recipient], run_env: str
) -> tuple[list[Route], list[Finding]]:
    """Return the routes of the profile's active recipients for `run_env`, and a finding for each unusable one."""
    found, findings = [], []

    for recipient in recipients:
        if (
            recipient.profile_id != profile.id
            or not recipient.is_active
            or not env_matches(recipient.env, run_env)
        ):
            continue

        try:
            found.append(_route(recipient))
        except (InvalidAddress, UnusableRecipient) as error:
            findings.append(_left_out(recipient, profile, str(error)))

    return found, findings + _never_used(profile, found)


def serving(scope: Scope, store_code: str | None, routes: Iterable[Route]) -> Lists:
    """Return the lists of the mail of `scope` about `store_code`; without any `to`, the cc take its place."""
    chosen = [route for route in routes if _serves(scope, store_code, route.store_code)]

    to, cc, bcc = ([route.address for route in chosen if route.send_as is kind] for kind in SendAs)
    if not to:
        to, cc = cc, []

    first = distinct(to)
    second = distinct(cc, taken=first)

    return Lists(first, second, distinct(bcc, taken=first + second))


def _route(recipient: Recipient) -> Route:
    code = None if recipient.store_code is None else recipient.store_code.strip().upper()
    if code == "":
        raise UnusableRecipient("its store code is blank; null means every store")

    if recipient.send_as not in set(SendAs):
        raise UnusableRecipient(f"its send_as is not one of {', '.join(SendAs)}")

    return Route(
        checked(recipient.address, recipient.display_name), SendAs(recipient.send_as), code
    )


def _serves(scope: Scope, store_code: str | None, wanted: str | None) -> bool:
    match scope:
        case Scope.RUN:
            return wanted is None
        case Scope.COMBINED:
            return wanted in (None, ALL)
        case Scope.STORE:
            return wanted in (None, ALL, store_code)


def _never_used(profile: Profile, found: list[Route]) -> list[Finding]:
    """Name the recipients that a profile about the whole run can never tell, because they want one store's mail."""
    if profile.scope not in (Scope.RUN, Scope.COMBINED):
        return []

    scope = Scope(profile.scope)

    codes = sorted(
        {str(route.store_code) for route in found if not _serves(scope, None, route.store_code)}
    )
    if not codes:
        return []

    text = f"profile {profile.code} has scope {scope}; its recipients with store code {', '.join(codes)} get no mail"
    return [Finding(Status.WARNING, text)]


def _left_out(recipient: Recipient, profile: Profile, reason: str) -> Finding:
    text = f"recipient {recipient.id} of profile {profile.code} is left out: {reason}; correct notification_recipients"
    return Finding(Status.WARNING, text)
