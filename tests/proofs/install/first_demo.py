"""README's first command, typed by somebody on a bare Debian."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.proofs.install import roots

NAMED = re.compile(r"^    ((?:su|sudo) .+)$", re.MULTILINE)


def type_it(suite: str, name: str, place: Path) -> None:
    """Let `name` (root, or an account that may install nothing) type `make demo`; see that it makes its reports.

    Whoever may not install packages is told a command; after it, exactly as it is printed, nothing is missing.
    """
    newcomer = roots.person(roots.debian(suite, place / "root"), name)

    if name != "root":
        refused = newcomer.types("make demo")
        assert refused.returncode != 0
        (command,) = NAMED.findall(refused.stdout)
        newcomer.root.must("sh", "-c", command)

    done = newcomer.types("make demo")

    assert done.returncode == 0, done.stdout[-4000:]
    assert "setup: ready" in done.stdout
    assert "pip installs" not in done.stdout
    assert len(list(newcomer.clone.glob("var/demo/reports/**/*.pdf"))) >= 16

    again = newcomer.types("sh demo/setup.sh")
    assert (again.returncode, "missing on this machine" in again.stdout) == (0, False), again.stdout
    shutil.rmtree(newcomer.root.path)
