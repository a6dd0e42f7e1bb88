"""Who is told what about a run, and the only mail this system sends (DOMAIN E)."""

from lib.notify.audience import audience
from lib.notify.delivering import DeliveryInProgress
from lib.notify.delivery_queries import decide
from lib.notify.ledger_queries import due, waiting
from lib.notify.outcomes import MailOutcome, MailState, NotifyResult
from lib.notify.planning import plan_notifications_for_run
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
