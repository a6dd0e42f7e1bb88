"""Which recipients' rows apply, and which of them get which mail.

Pure.

Source: docs/reference/domain.md#notification-selection.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.domain.stores import ALL
from lib.model import Finding, Status
from lib.notify.model.addresses import Address, InvalidAddress, checked, distinct
from lib.notify.model.rows import ANY_ENV, Profile, Recipient, Scope, SendAs


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
    """The three lists of one mail, each address once: `to` wins over `cc`, `cc` over `bcc`."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()


def env_matches(env: str, run_env: str) -> bool:
    """Return True if a row for `env` applies to a run in `run_env`: exact text, or `any`."""
    return env in (ANY_ENV, run_env)


def routes(
    profile: Profile,
    recipients: Iterable[Recipient],
    run_env: str,
) -> tuple[list[Route], list[Finding]]:
    """Return the routes of the profile's active recipients for `run_env`.

    With a finding for each recipient that cannot be used.
    """
    found = []
    findings = []

    for recipient in recipients:
        is_ours = recipient.profile_id == profile.id and recipient.is_active
        if not is_ours or not env_matches(recipient.env, run_env):
            continue

        try:
            found.append(_route(recipient))
        except (InvalidAddress, UnusableRecipient) as error:
            findings.append(_left_out(recipient, profile, str(error)))

    return found, findings + _without_mail(profile, found)


def serving(
    scope: Scope,
    store_code: str | None,
    routes: Iterable[Route],
) -> Lists:
    """Return the lists of the mail of `scope` about `store_code`.

    Without any `to`, the cc take its place.
    """
    lists: dict[SendAs, list[Address]] = {kind: [] for kind in SendAs}

    for route in routes:
        if _serves(scope, store_code, route.store_code):
            lists[route.send_as].append(route.address)

    to, cc, bcc = lists[SendAs.TO], lists[SendAs.CC], lists[SendAs.BCC]
    if not to:
        to, cc = cc, []

    first = distinct(to)
    second = distinct(cc, taken=first)

    return Lists(
        first,
        second,
        distinct(bcc, taken=first + second),
    )


def _route(recipient: Recipient) -> Route:
    code = None if recipient.store_code is None else recipient.store_code.strip().upper()
    if code == "":
        raise UnusableRecipient("its store code is blank; null means every store")

    if recipient.send_as not in set(SendAs):
        raise UnusableRecipient(f"its send_as is not one of {', '.join(SendAs)}")

    address = checked(recipient.address, recipient.display_name)
    return Route(
        address,
        SendAs(recipient.send_as),
        code,
    )


def _serves(
    scope: Scope,
    store_code: str | None,
    wanted: str | None,
) -> bool:
    match scope:
        case Scope.RUN:
            return wanted is None
        case Scope.COMBINED:
            return wanted in (None, ALL)
        case Scope.STORE:
            return wanted in (None, ALL, store_code)


def _without_mail(profile: Profile, found: list[Route]) -> list[Finding]:
    """Return a finding about recipients of one store, if the profile has no mail about a store."""
    if profile.scope not in (Scope.RUN, Scope.COMBINED):
        return []

    scope = Scope(profile.scope)
    codes = {one.store_code for one in found}
    unserved = sorted(str(code) for code in codes if not _serves(scope, None, code))
    if not unserved:
        return []

    text = (
        f"profile {profile.code} has scope {scope};"
        f" its recipients with store code {', '.join(unserved)} get no mail"
    )
    return [Finding(Status.WARNING, text)]


def _left_out(
    recipient: Recipient,
    profile: Profile,
    reason: str,
) -> Finding:
    text = (
        f"recipient {recipient.id} of profile {profile.code} is left out: {reason};"
        " correct notification_recipients"
    )
    return Finding(Status.WARNING, text)
