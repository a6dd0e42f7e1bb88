"""A program: as an ordinary user, start our browser and print what its renderers may do. For test_sandbox.

Root becomes `nobody` in it, after all imports: the interpreter may live where only root can read.
"""

import json
import os
import sys
from pathlib import Path

from playwright import sync_api

from lib.config import PortalSettings
from lib.portal.browser import chromium, find, processes

SETTINGS = PortalSettings("", "", "", "/{store_code}", 1, 30, Path("state.json"), None, None)
NOBODY = 65534


def main(home):
    os.environ |= {"HOME": home, "TMPDIR": home}
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    with chromium.browser(SETTINGS, lives_s=60) as browser:
        browser.new_page().set_content("<p>hello</p>")
        tree = processes.tree(next(iter(processes.children())))
        commands = {process.pid: processes.command(process) for process in tree}
        renderers = [pid for pid, command in commands.items() if "--type=renderer" in command]
        found = {
            "wished": find.sandboxes()[0],
            "renderers": len(renderers),
            "filtered": [_status(pid)["Seccomp"] for pid in renderers],
            "switched_off": [command for command in commands.values() if "--no-sandbox" in command],
        }
    json.dump(found, sys.stdout)


def _status(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


if __name__ == "__main__":
    assert sync_api
    main(sys.argv[1])
