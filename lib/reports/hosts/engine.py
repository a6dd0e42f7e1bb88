"""The one door to Dask distributed, which is told what it may do before it is imported.

Reasons: docs/adr/0024-dask-for-worker-hosts.md.
"""

from __future__ import annotations

import logging
import ssl
from typing import Any

import dask

from lib.config import DrawSettings
from lib.errors import ConfigurationError

#: The same on every host, so that who may reach whom can be written down.
SCHEDULER_PORT, WORKER_PORT = 8786, 8788
#: A host that is silent for so long, or up to twice that, is taken for lost.
SILENCE_S = 15
#: A page that no host may draw any more is given back.
NO_HOST_S = 30
#: Of a connection that does not come about, and of one whose other end is gone.
CONNECT_TIMEOUT_S, GONE_S = 10, 15

CONFIGURATION: dict[str, Any] = {
    # Its loggers are ours to hear: it would add a handler to stderr otherwise.
    "distributed.logging": {"version": 1, "incremental": True},
    # After so many lost hosts a page is given back. A page cannot end a host by itself: it is drawn
    # in a process below.
    "distributed.scheduler.allowed-failures": 3,
    "distributed.scheduler.no-workers-timeout": f"{NO_HOST_S}s",
    "distributed.scheduler.worker-ttl": f"{SILENCE_S}s",
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.preload": [],
    "distributed.scheduler.http.routes": [],
    "distributed.worker.preload": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.use-file-locking": False,
    "distributed.worker.profile.enabled": False,
    # Pages are customers' data: none is written to a disk, however much memory is used.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.client.preload": [],
    "distributed.client.security-loader": None,
    "distributed.comm.require-encryption": True,
    "distributed.comm.timeouts.connect": f"{CONNECT_TIMEOUT_S}s",
    "distributed.comm.timeouts.tcp": f"{GONE_S}s",
    "distributed.diagnostics.nvml": False,
    "distributed.admin.pdb-on-err": False,
    "distributed.admin.event-loop": "asyncio",
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.log-length": 0,
    "distributed.admin.low-level-log-length": 0,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.log-length": 1,
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.system-monitor.gil.enabled": False,
}

dask.config.set(CONFIGURATION)

from distributed import Client, Scheduler, Security, Worker  # noqa: E402 - see above

__all__ = ["Client", "PlainScheduler", "PlainWorker", "quiet", "security"]


class _WithoutHttp:
    """A node that opens the one port that it needs.

    With every dashboard off, Dask still serves plain HTTP to everybody.
    """

    def start_http_server(self, *_args: object, **_options: object) -> None:
        """Open nothing."""


class PlainScheduler(_WithoutHttp, Scheduler):
    """What gives each page to a host that has room for it."""


class PlainWorker(_WithoutHttp, Worker):
    """What takes pages on a host."""


def security(settings: DrawSettings) -> Security:
    """Return TLS 1.3 in both directions with the CA of the drawing hosts, or nothing at all.

    Raise ConfigurationError for files that are no CA, or no certificate with its key.
    """
    made = Security(
        require_encryption=True,
        tls_ca_file=str(settings.tls_ca),
        tls_min_version=ssl.TLSVersion.TLSv1_3,
        **_for_each_role(str(settings.tls_cert)),
    )

    try:
        made.get_connection_args("client")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"DRAW_TLS_CA ({settings.tls_ca}) and DRAW_TLS_CERT ({settings.tls_cert}) are no CA and"
            f" no certificate with its key ({_kind(error)}); make them anew on the controller"
        ) from error

    return made


def quiet() -> None:
    """Have nothing logged by Dask: what matters of it is logged by who uses it.

    Where a host is lost, Dask would say so in many words and several threads.
    """
    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _for_each_role(certificate: str) -> dict[str, str]:
    """Return the one certificate of this host for all roles, which Dask does not tell apart."""
    files = {}

    for role in ("client", "scheduler", "worker"):
        files[f"tls_{role}_cert"] = certificate

    return files


def _kind(error: Exception) -> str:
    return error.strerror or type(error).__name__ if isinstance(error, OSError) else "bad file"
