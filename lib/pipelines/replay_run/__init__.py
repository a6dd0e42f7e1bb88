"""A run's stored inputs through today's code, in a schema of its own; what is different then.

Why so: docs/adr/0028-replaying-a-run.md.
"""

from lib.pipelines.replay_run.replay import replay
from lib.pipelines.replay_run.result import Result
from lib.pipelines.replay_run.wording import as_json, as_text

__all__ = ["Result", "as_json", "as_text", "replay"]
