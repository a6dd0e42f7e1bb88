"""The environment as one frozen `Settings`, with every problem reported at once.

Source: docs/reference/contract.md#settings.
"""

from lib.config.environment import load, load_what_is_right
from lib.config.settings import (
    Account,
    CatchUpMails,
    CatchUpSettings,
    DrawSettings,
    DrillSettings,
    MailboxSettings,
    MailSettings,
    Need,
    Needs,
    PdfBackend,
    PdfSettings,
    PortalSettings,
    RetentionSettings,
    ReturnSettings,
    Settings,
    Use,
    Volumes,
)

__all__ = [
    "Account",
    "CatchUpMails",
    "CatchUpSettings",
    "DrawSettings",
    "DrillSettings",
    "MailSettings",
    "MailboxSettings",
    "Need",
    "Needs",
    "PdfBackend",
    "PdfSettings",
    "PortalSettings",
    "RetentionSettings",
    "ReturnSettings",
    "Settings",
    "Use",
    "Volumes",
    "load",
    "load_what_is_right",
]
