"""Run inside the image by check_image.py.

What was stripped off the packages is missed by nothing that can be imported.
"""

import importlib
import sys
import sysconfig
from pathlib import Path

PACKAGES = Path(sysconfig.get_path("purelib"))
# Windows of PIL and tests of greenlet: extensions for programs that are not in the image.
ELSEWHERE = ("PIL._imagingtk", "greenlet.tests")


def extensions():
    """Import names of all compiled modules of the installed packages."""
    for path in sorted(PACKAGES.rglob("*.so")):
        if not path.parent.name.endswith(".libs"):
            yield ".".join((*path.relative_to(PACKAGES).parts[:-1], path.name.split(".")[0]))


def product():
    """Import names of our own modules."""
    for path in sorted(path for package in ("jobs", "lib") for path in Path(package).rglob("*.py")):
        yield ".".join(path.with_suffix("").parts).removesuffix(".__init__")


names = [name for name in (*extensions(), *product()) if not name.startswith(ELSEWHERE)]
for name in names:
    importlib.import_module(name)
sys.stdout.write(
    "everything could be imported\n" if len(names) > 100 else f"only {names} were found\n"
)
