"""Who is told what about a run, and the only mail this system sends (DOMAIN E)."""

from lib.notify.outcomes import MailOutcome, MailState, NotifyResult
from lib.notify.send import send_notifications_for_run

__all__ = ["MailOutcome", "MailState", "NotifyResult", "send_notifications_for_run"]
