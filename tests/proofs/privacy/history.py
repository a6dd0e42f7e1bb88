"""Every text that git knows of a repository.

Files of the work tree and of all commits, and the commits' messages.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.proofs.privacy import rules


def git(repository: Path, *words: str, given: str = "") -> bytes:
    return subprocess.run(
        ["git", *words], cwd=repository, input=given.encode(), capture_output=True, check=True
    ).stdout


def is_whole(repository: Path) -> bool:
    """Tell whether all commits are here.

    Of a shallow clone nobody can say what its history holds.
    """
    return git(repository, "rev-parse", "--is-shallow-repository").strip() == b"false"


def texts(repository: Path) -> Iterator[tuple[str, str]]:
    """Yield name and content of every text; a file's name is the one that it had first."""
    yield (
        "a commit's message",
        git(repository, "log", "--all", "--format=%B").decode("utf-8", "replace"),
    )
    for name in _uncommitted(repository):
        if (content := (repository / name).read_bytes()) and not _is_binary(content):
            yield name, content.decode("utf-8", "replace")
    yield from _blobs(repository)


def _uncommitted(repository: Path) -> list[str]:
    changed = git(repository, "diff", "--name-only", "-z", "HEAD") + git(
        repository, "ls-files", "-z", "--others", "--exclude-standard"
    )
    return [name for name in changed.decode().split("\0") if name and (repository / name).is_file()]


def _is_binary(content: bytes) -> bool:
    return b"\0" in content


def _blobs(repository: Path) -> Iterator[tuple[str, str]]:
    listed = git(repository, "rev-list", "--objects", "--all").decode().splitlines()
    names = dict(line.split(" ", 1) for line in listed if " " in line)
    packed, at = git(repository, "cat-file", "--batch", given="\n".join(names) + "\n"), 0
    while at < len(packed):
        begin = packed.index(b"\n", at) + 1
        identity, kind, size = packed[at:begin].decode().split()
        at = begin + int(size) + 1
        content = packed[begin : at - 1]
        if kind == "blob" and not _is_binary(content):
            yield f"{names[identity]} in the history", content.decode("utf-8", "replace")


def offences(repository: Path) -> list[str]:
    """Return what breaks the rules, each place once, without quoting it."""
    found = [
        f"{rule}: {name}, {line}"
        for name, text in texts(repository)
        for rule, line in rules.broken(text)
    ]
    return list(dict.fromkeys(found))
