"""Who is told what about a run, and the only mail this system sends.

Source: docs/reference/domain.md#the-mails.
"""

from lib.notify.delivery.deliver import DeliveryInProgress
from lib.notify.delivery.queries import decide
from lib.notify.model.results import MailOutcome, MailState, NotifyResult
from lib.notify.outbox.enqueue import plan_notifications_for_run
from lib.notify.outbox.read_queries import due, waiting
from lib.notify.plan.audience import audience
from lib.notify.send import deliver_period, send_digest_for_runs, send_notifications_for_run

__all__ = [
    "DeliveryInProgress",
    "MailOutcome",
    "MailState",
    "NotifyResult",
    "audience",
    "decide",
    "deliver_period",
    "due",
    "plan_notifications_for_run",
    "send_digest_for_runs",
    "send_notifications_for_run",
    "waiting",
]
