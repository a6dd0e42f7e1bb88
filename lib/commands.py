"""How people start a job: messages name commands as in a checkout, a host has its own."""

from __future__ import annotations

import re

#: JOB_COMMAND, unless it is set; `{job}` stands for the job's name.
DEFAULT = "python -m jobs.{job}"

_COMMAND = re.compile(r"python -m jobs\.([a-z_]+)")


def of_job(job_command: str, job: str) -> str:
    """Return what starts the job, without flags; `job_command` is JOB_COMMAND."""
    return job_command.replace("{job}", job)


def spelled(text: str, job_command: str) -> str:
    """Return the text with each command in it as JOB_COMMAND says; all else as it is."""
    return _COMMAND.sub(lambda found: of_job(job_command, found[1]), text)
