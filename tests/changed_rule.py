"""Run jobs.replay_run as if the source had another rule: `python -m tests.changed_rule --run-id ID`.

By it every backlog is critical, which none is by the rule that there is.
"""

from __future__ import annotations

import runpy
import sys

from lib.reports.metrics import kpis


def main(*flags: str) -> None:
    # Before anything else is imported: a rule is a key of dictionaries.
    rule = {"limits": ((kpis.Band.EXCELLENT, -1),), "otherwise": kpis.Band.CRITICAL}
    for name, value in rule.items():
        object.__setattr__(kpis.UNDELIVERED, name, value)

    sys.argv = ["replay_run", *flags]
    runpy.run_module("jobs.replay_run", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
