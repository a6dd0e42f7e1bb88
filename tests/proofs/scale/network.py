"""Three hosts as network namespaces, joined by a bridge. Only for root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ADDRESSES = {"main": "10.213.0.1", "one": "10.213.0.2", "two": "10.213.0.3"}


@dataclass(frozen=True)
class Network:
    """The names of the namespaces are this process's own."""

    prefix: str

    def namespace(self, host: str) -> str:
        return f"{self.prefix}-{host}"

    def inside(self, host: str) -> list[str]:
        """Return what a command is put behind to run on that host."""
        return ["ip", "netns", "exec", self.namespace(host)]

    def pull(self, host: str) -> None:
        """Pull the host's cable: nothing arrives any more, and nobody is told."""
        ip("-n", self.namespace("main"), "link", "set", f"to-{host}", "nomaster")

    def listening(self, host: str) -> set[str]:
        """Return the addresses and ports at which something on the host listens."""
        command = [
            *self.inside(host),
            "ss",
            "--no-header",
            "--listening",
            "--numeric",
            "--tcp",
            "--udp",
        ]
        shown = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=30
        ).stdout
        return {line.split()[4] for line in shown.splitlines()}


@contextmanager
def network() -> Iterator[Network]:
    """Yield three hosts that reach each other and nothing else; all is gone afterwards."""
    made = Network(f"simplify-{os.getpid()}")
    main = made.namespace("main")

    try:
        for host in ADDRESSES:
            ip("netns", "add", made.namespace(host))
            ip("-n", made.namespace(host), "link", "set", "lo", "up")

        ip("-n", main, "link", "add", "bridge", "type", "bridge")
        ip("-n", main, "address", "add", f"{ADDRESSES['main']}/24", "dev", "bridge")
        ip("-n", main, "link", "set", "bridge", "up")

        for host in ("one", "two"):
            there = made.namespace(host)
            peer = ("peer", "name", "cable", "netns", there)
            ip("-n", main, "link", "add", f"to-{host}", "type", "veth", *peer)
            ip("-n", main, "link", "set", f"to-{host}", "master", "bridge", "up")
            ip("-n", there, "address", "add", f"{ADDRESSES[host]}/24", "dev", "cable")
            ip("-n", there, "link", "set", "cable", "up")

        yield made
    finally:
        for host in ADDRESSES:
            subprocess.run(["ip", "netns", "delete", made.namespace(host)], check=False, timeout=30)


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, timeout=30)
