"""List the licences of the packages in the image: `make licences` writes the page.

Exit 1 for a package whose licence is none of those that `[tool.pip-licenses]` in pyproject.toml
allows.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "licences.md"
HEAD = """\
# Licences

Of every Python package in the image, as the package itself states it. `make licences` writes this
page; a test fails when it is not current, or when a package comes with a licence that
`[tool.pip-licenses]` in `pyproject.toml` does not allow. We change none of them and import them as
libraries. Debian's packages in the image state theirs in `/usr/share/doc/*/copyright` there;
`make sbom` names them all.

"""


def locked(lock: str) -> list[str]:
    """Names in a lock file, whatever machine they are for."""
    return re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)


def table(names: list[str]) -> str:
    """Licences of those of the packages that are installed here.

    CalledProcessError when one is not allowed.
    """
    command = [Path(sys.executable).parent / "pip-licenses", "--packages", *names]
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=True
    ).stdout


def page() -> str:
    """The whole page for requirements.lock."""
    return HEAD + table(locked((ROOT / "requirements.lock").read_text()))


if __name__ == "__main__":
    try:
        PAGE.write_text(page())
    except subprocess.CalledProcessError as refused:
        sys.exit(refused.returncode)
