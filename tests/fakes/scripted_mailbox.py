"""The mail sink in a directory of its own, saying what a test wants it to say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.mailbox import Mailbox, Reply, run_mailbox


@contextmanager
def scripted_mailbox(**replies: Reply) -> Iterator[Mailbox]:
    """Yield a mail sink that takes everything, except for `replies` (see `Mailbox.replies`)."""
    with (
        tempfile.TemporaryDirectory() as directory,
        run_mailbox(Path(directory)) as box,
    ):
        box.replies = replies
        yield box
