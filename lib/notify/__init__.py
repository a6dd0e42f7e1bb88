"""Mails what a run owes to its readers, and alerts people about units that fail.

Pipelines and jobs import this package only, never one of its rooms. The names are looked up when
they are used, so that a job which only counts old mails does not load a mail server's client.

Source: docs/reference/domain.md#the-mails.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lib.domain.mail_states import MailState
    from lib.notify.alerts.log_tail import Line, last_lines
    from lib.notify.alerts.queries import set_statement_timeout
    from lib.notify.alerts.send import AlertSender
    from lib.notify.alerts.text import Incident, job_of
    from lib.notify.delivery.deliver import DeliveryInProgress
    from lib.notify.delivery.queries import decide
    from lib.notify.delivery.smtp import ServerProblem, is_encrypted
    from lib.notify.model.addresses import Address, InvalidAddress, checked
    from lib.notify.model.results import MailOutcome, NotifyResult
    from lib.notify.outbox.enqueue import plan_late_reports, plan_notifications_for_run
    from lib.notify.outbox.read_queries import due, waiting
    from lib.notify.outbox.refused_forms import plan_refused_form
    from lib.notify.outbox.report_mail_queries import ReportMail, report_mails
    from lib.notify.outbox.write_queries import lock_planning
    from lib.notify.plan.audience import audience
    from lib.notify.plan.reader_queries import readable_stores
    from lib.notify.plan.refused_form import RefusedForm
    from lib.notify.preview import (
        PreviewedMail,
        check_server,
        preview_mails,
        send_test_mail,
        write_files,
    )
    from lib.notify.send import (
        deliver_period,
        send_digest_for_runs,
        send_notifications_for_run,
    )
    from lib.notify.sync.diff import difference
    from lib.notify.sync.file import read_notifications_file
    from lib.notify.sync.queries import apply_difference, stored_rows

_HOMES = {
    "lib.domain.mail_states": ("MailState",),
    "lib.notify.alerts.log_tail": ("Line", "last_lines"),
    "lib.notify.alerts.queries": ("set_statement_timeout",),
    "lib.notify.alerts.send": ("AlertSender",),
    "lib.notify.alerts.text": ("Incident", "job_of"),
    "lib.notify.delivery.deliver": ("DeliveryInProgress",),
    "lib.notify.delivery.queries": ("decide",),
    "lib.notify.delivery.smtp": ("ServerProblem", "is_encrypted"),
    "lib.notify.model.addresses": ("Address", "InvalidAddress", "checked"),
    "lib.notify.model.results": ("MailOutcome", "NotifyResult"),
    "lib.notify.outbox.enqueue": ("plan_late_reports", "plan_notifications_for_run"),
    "lib.notify.outbox.read_queries": ("due", "waiting"),
    "lib.notify.outbox.refused_forms": ("plan_refused_form",),
    "lib.notify.outbox.report_mail_queries": ("ReportMail", "report_mails"),
    "lib.notify.outbox.write_queries": ("lock_planning",),
    "lib.notify.plan.audience": ("audience",),
    "lib.notify.plan.reader_queries": ("readable_stores",),
    "lib.notify.plan.refused_form": ("RefusedForm",),
    "lib.notify.preview": (
        "PreviewedMail",
        "check_server",
        "preview_mails",
        "send_test_mail",
        "write_files",
    ),
    "lib.notify.send": ("deliver_period", "send_digest_for_runs", "send_notifications_for_run"),
    "lib.notify.sync.diff": ("difference",),
    "lib.notify.sync.file": ("read_notifications_file",),
    "lib.notify.sync.queries": ("apply_difference", "stored_rows"),
}

__all__ = [
    "Address",
    "AlertSender",
    "DeliveryInProgress",
    "Incident",
    "InvalidAddress",
    "Line",
    "MailOutcome",
    "MailState",
    "NotifyResult",
    "PreviewedMail",
    "RefusedForm",
    "ReportMail",
    "ServerProblem",
    "apply_difference",
    "audience",
    "check_server",
    "checked",
    "decide",
    "deliver_period",
    "difference",
    "due",
    "is_encrypted",
    "job_of",
    "last_lines",
    "lock_planning",
    "plan_late_reports",
    "plan_notifications_for_run",
    "plan_refused_form",
    "preview_mails",
    "read_notifications_file",
    "readable_stores",
    "report_mails",
    "send_digest_for_runs",
    "send_notifications_for_run",
    "send_test_mail",
    "set_statement_timeout",
    "stored_rows",
    "waiting",
    "write_files",
]


def __getattr__(name: str) -> Any:
    """Return a public name from its home, which is loaded now."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
