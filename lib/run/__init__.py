"""The life of one run: lock, row, phases, outcomes, exit code. Every pipeline lives it.

Source: docs/reference/contract.md#runs.
"""

from lib.run.amend import MailsSent, amend
from lib.run.lifecycle import (
    Mails,
    Task,
    Watch,
    dry_run,
    execute,
    record_unstarted,
    unwatched,
)
from lib.run.lock import LockHeld, close_if_killed
from lib.run.queries import Earlier
from lib.run.record import Outcome, Run, most_serious

__all__ = [
    "Earlier",
    "LockHeld",
    "Mails",
    "MailsSent",
    "Outcome",
    "Run",
    "Task",
    "Watch",
    "amend",
    "close_if_killed",
    "dry_run",
    "execute",
    "most_serious",
    "record_unstarted",
    "unwatched",
]
