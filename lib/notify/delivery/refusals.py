"""What a refusal of an SMTP server means: for the mail, for us, and for the mails after it.

A server that refuses a mail with 5xx may mean the reader, the mail's size, or us: our account, our
host or our allowance. No list of codes is complete, so a refusal is final only while other mails
get through (docs/explanation/notifications.md).

Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from lib.domain.mail_states import MailState

#: So many mails that meet the same refusal speak of us, even if another mail got through.
SAME_REFUSAL_MAILS = 3
_BYTES_PER_MB = 1_000_000


class Stage(Enum):
    """Where in the dialogue a refusal came; the value is its name in a reason."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    #: At DATA, or after the message.
    DATA = "data"


class Meaning(Enum):
    """What a refusal is about."""

    #: 4xx: the server says "later".
    LATER = auto()
    #: We have sent as much as we may: it ends by itself, within a day.
    ALLOWANCE = auto()
    #: Our account, our sender or our host: a person must act.
    US = auto()
    #: The message is larger than the server takes.
    SIZE = auto()
    #: The mailbox does not exist, is full or is closed.
    RECIPIENT = auto()
    UNKNOWN = auto()


#: Enhanced codes (RFC 3463 and what Exchange Online and Gmail add to it) of the meanings above.
_ENHANCED: Sequence[tuple[str, Meaning]] = (
    (r"5\.3\.4|5\.2\.3", Meaning.SIZE),
    (r"5\.4\.5|5\.1\.90|5\.2\.12[12]|5\.7\.23[23]", Meaning.ALLOWANCE),
    (r"5\.2\.252|5\.1\.[78]|5\.7\.(?![01]$)\d+|5\.3\.\d+|5\.5\.\d+", Meaning.US),
    (r"5\.1\.(?:[1236]|10)|5\.2\.[0-2]|5\.4\.1", Meaning.RECIPIENT),
)
#: Basic codes that speak of us whatever comes behind them: no service, log in first, refused login.
_ABOUT_US = frozenset(
    {
        "521",
        "530",
        "534",
        "535",
        "538",
    }
)


@dataclass(frozen=True)
class Refusal:
    """One refusal, without the server's words: those quote addresses."""

    stage: Stage
    #: The reply's code with its enhanced code, if it has one: `550 5.1.1`.
    code: str

    @property
    def meaning(self) -> Meaning:
        """What the code says; `UNKNOWN` where it says nothing that is certain."""
        basic, _, enhanced = self.code.partition(" ")
        # What is no refusal, such as 250 in the wrong place, will be another one next time.
        if not basic.startswith("5"):
            return Meaning.LATER

        for pattern, meaning in _ENHANCED:
            if re.fullmatch(pattern, enhanced):
                return meaning

        if basic in _ABOUT_US:
            return Meaning.US

        # RFC 1870: too large a message; to a recipient it means a full mailbox.
        if basic == "552" and not enhanced and self.stage is not Stage.RECIPIENT:
            return Meaning.SIZE

        # A sender that is refused is a setting or a right of ours, whatever the code.
        if self.stage is Stage.SENDER:
            return Meaning.US

        # "Relay access denied", "not authorised to send to": we may not. After the message the same
        # code mostly means its text.
        is_denied = enhanced in ("5.7.0", "5.7.1") and self.stage is Stage.RECIPIENT
        return Meaning.US if is_denied else Meaning.UNKNOWN

    def __str__(self) -> str:
        return f"SMTP {self.stage.value}: refused with {self.code}"


def too_large(
    size_bytes: int,
    limit_bytes: int | None,
    code: str = "",
) -> str:
    """Return the reason of a message that is larger than the server takes.

    `limit_bytes` None: the server does not say how much it takes; `code` is its refusal.
    """
    refused = f", refused with {code}" if code else ""
    limit = f" of {megabytes(limit_bytes)} MB" if limit_bytes else ""

    return f"too large for this server: {megabytes(size_bytes)} MB{limit}{refused}"


def megabytes(size_bytes: int) -> str:
    """Return a size in millions of bytes, with one decimal, at least 0.1."""
    return f"{max(size_bytes / _BYTES_PER_MB, 0.1):.1f}"


@dataclass(frozen=True)
class RefusedRecipient:
    """One recipient of one mail that the server has refused."""

    message_id: str
    recipient: str
    refusal: Refusal
    #: The mail is about the run: the only way in which its operators hear of it.
    is_about_run: bool
    #: Another recipient has got the same mail.
    has_other_reader: bool


@dataclass(frozen=True)
class RefusalVerdict:
    """What a refusal means for the delivery."""

    state: MailState
    #: It is owed, and trying again is no use before somebody has changed something.
    needs_person: bool = False


_FINAL = RefusalVerdict(MailState.FAILED)
_LATER = RefusalVerdict(MailState.PENDING)
_FOR_A_PERSON = RefusalVerdict(MailState.PENDING, needs_person=True)


def verdicts(
    refused: Iterable[RefusedRecipient],
    *,
    got_through: bool,
) -> Mapping[tuple[str, str], RefusalVerdict]:
    """Return by Message-ID and recipient what each refusal of one delivery means.

    `got_through`: the server took another mail of the same runs. In this order:

    1. What ends by itself stays owed: 4xx, or a used-up allowance.
    2. What is about us or about the mail's size stays owed and needs a person.
    3. So does everything while not one mail got through,
    4. a refusal that many mails meet and that does not speak of the mailbox,
    5. and the mail about the run, if nobody got it.
    6. Anything else is refused for good.
    """
    refused = list(refused)
    pairs = {(one.message_id, one.refusal.code) for one in refused}
    mails_by_code = Counter(code for _, code in pairs)

    found = {}

    for one in refused:
        meaning = one.refusal.meaning
        is_common = mails_by_code[one.refusal.code] >= SAME_REFUSAL_MAILS

        if meaning in (Meaning.LATER, Meaning.ALLOWANCE):
            verdict = _LATER
        elif (
            meaning in (Meaning.US, Meaning.SIZE)
            or not got_through
            or (is_common and meaning is Meaning.UNKNOWN)
            or (one.is_about_run and not one.has_other_reader)
        ):
            verdict = _FOR_A_PERSON
        else:
            verdict = _FINAL

        found[one.message_id, one.recipient] = verdict

    return found
