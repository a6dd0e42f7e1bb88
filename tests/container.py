"""Holds a PostgreSQL in a container: prints its URL, or nothing where no Docker engine answers, until stdin closes.

A process of its own, because pulling an image has no time-out and the clients leave sockets open, which is an error
inside pytest. If it is killed, Ryuk (testcontainers' own helper) removes the container.
"""

from __future__ import annotations

import contextlib
import sys

import docker
from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer

IMAGE = "postgres:15"
DATA = "/var/lib/postgresql/data"
ENGINE_TIMEOUT_S = 3


def main() -> None:
    with contextlib.suppress(DockerException):
        docker.from_env(timeout=ENGINE_TIMEOUT_S).ping()
        with PostgresContainer(IMAGE).with_tmpfs_mount(DATA) as container:
            print(container.get_connection_url(driver=None), flush=True)  # noqa: T201
            sys.stdin.read()


if __name__ == "__main__":
    main()
