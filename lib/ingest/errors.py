"""Why a file or a bucket was not loaded, each with the next step."""

from __future__ import annotations

from lib.errors import JobError


class UnusableExport(JobError):
    """A store's file is not an export of its bucket.

    The whole file counts as missing, never its rows one by one.
    """


class DamagedMerge(JobError):
    """The merged file is not what `merge` wrote; merge the store files again."""


class BucketNotLoaded(JobError):
    """The database refused a whole bucket: nothing of it was stored, and the files are kept."""
