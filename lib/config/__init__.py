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
    PdfBackend,
    PdfSettings,
    PortalSettings,
    RetentionSettings,
    Settings,
    Volumes,
)

__all__ = [
    "Account",
    "CatchUpMails",
    "CatchUpSettings",
    "MailSettings",
    "Need",
    "PdfBackend",
    "PdfSettings",
    "PortalSettings",
    "RetentionSettings",
    "Settings",
    "Volumes",
    "load",
    "load_what_is_right",
]
