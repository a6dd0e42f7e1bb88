"""The mail that corrects a report which was mailed with other figures.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.notify.model.mail import PlannedMail
from lib.notify.plan.owner_mail import facts_of

_OPENING = (
    "The report that was mailed to you before had other figures. The right ones are attached."
)


@dataclass(frozen=True)
class Correction:
    """One figure that is another one now."""

    name: str
    said: str
    right: str

    @property
    def line(self) -> str:
        """Return `- Sale: ₹9,124 is right, ₹8,924 was said`."""
        return f"- {self.name}: {self.right} is right, {self.said} was said"


def corrections(
    said: Mapping[str, Any],
    right: Mapping[str, Any],
) -> list[Correction]:
    """Return the figures that a reader was told otherwise; figures of two kinds have none.

    What only rounds otherwise, or was never in a mail, is no correction.
    """
    before, now = facts_of(said), facts_of(right)
    found = []

    for name, text in now.items():
        if name in before and before[name] != text:
            found.append(Correction(name, before[name], text))

    return found


def corrected(
    mail: PlannedMail,
    found: list[Correction],
) -> PlannedMail:
    """Return `mail` as the one that corrects an earlier mail about the same report."""
    remark = "\n".join([_OPENING, *(one.line for one in found)])
    panel = mail.panel

    if panel:
        preview = ", ".join(f"{one.name} {one.right}, not {one.said}" for one in found)
        panel = replace(panel, preview=preview)

    return replace(
        mail,
        subject=f"Corrected: {mail.subject}",
        body=f"{remark}\n\n{mail.body}",
        panel=panel,
        line=f"Corrected: {mail.line or mail.subject}",
        remarks=(remark, *mail.remarks),
    )
