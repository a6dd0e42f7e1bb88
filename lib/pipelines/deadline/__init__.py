"""When the mails of a run will be out, and word in time where that is after their deadline.

What watches a run is in `lib.pipelines.deadline.monitor`: it loads more than an overview needs.
"""

from lib.pipelines.deadline.state import DeadlineState, deadline_states
from lib.pipelines.deadline.wording import state_line

__all__ = [
    "DeadlineState",
    "deadline_states",
    "state_line",
]
