"""The environment as one frozen `Settings`, with every problem reported at once.

Source: docs/reference/contract.md#settings.
"""

from lib.config.environment import load, load_what_is_right
from lib.config.settings import (
    Account,
    CatchUpMails,
    CatchUpSettings,
    MailSettings,
    Need,
    Needs,
    PdfBackend,
    PdfSettings,
    PortalSettings,
    RetentionSettings,
    Settings,
    Use,
    Volumes,
)

__all__ = [
    "Account",
    "CatchUpMails",
    "CatchUpSettings",
    "MailSettings",
    "Need",
    "Needs",
    "PdfBackend",
    "PdfSettings",
    "PortalSettings",
    "RetentionSettings",
    "Settings",
    "Use",
    "Volumes",
    "load",
    "load_what_is_right",
]
