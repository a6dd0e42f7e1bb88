"""The life of one run: lock, row, phases, outcomes, exit code. Every pipeline lives it (contract section 1)."""

from lib.run.lifecycle import execute, rehearse
from lib.run.record import Outcome, Run

__all__ = ["Outcome", "Run", "execute", "rehearse"]
