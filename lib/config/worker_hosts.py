"""Read where pages are drawn: on this host, and on worker hosts if their scheduler is named."""

from __future__ import annotations

from pathlib import Path
from stat import S_IMODE
from urllib.parse import urlsplit

from lib.config import names
from lib.config.settings import DrawSettings
from lib.config.source import Source

#: What the two files are, where one is missing.
CA = "the file with the CA of the hosts that draw"
CERTIFICATE = "the file with the certificate of this host and its key"


def read(source: Source) -> DrawSettings:
    """Return what the environment says; what is wrong is among the problems of `source`."""
    scheduler = source.text("DRAW_SCHEDULER")
    if scheduler and not _is_address(scheduler):
        source.problems.append(
            f"DRAW_SCHEDULER is {scheduler!r}; it must be like tls://10.0.0.1:8786:"
            " pages travel encrypted or not at all"
        )

    settings = DrawSettings(
        scheduler,
        source.existing("DRAW_TLS_CA", Path.is_file, "file"),
        _certificate(source),
        source.positive("DRAW_PROCESSES") or None,
    )

    if scheduler and settings.tls_ca is None:
        source.problems.append(f"DRAW_TLS_CA is missing: {CA}")

    if scheduler and settings.tls_cert is None:
        source.problems.append(f"DRAW_TLS_CERT is missing: {CERTIFICATE}")

    return settings


def _certificate(source: Source) -> Path | None:
    path = source.existing("DRAW_TLS_CERT", Path.is_file, "file")

    if path and path.is_file() and S_IMODE(path.stat().st_mode) & names.OPEN_TO_OTHERS:
        source.problems.append(
            f"DRAW_TLS_CERT names {path}, whose key others can read or change;"
            f" run: chmod 0600 {path}"
        )

    return path


def _is_address(text: str) -> bool:
    """Return True for `tls://HOST:PORT` and nothing more."""
    try:
        parts = urlsplit(text)
        has_port = bool(parts.port)
    except ValueError:
        return False

    is_bare = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    return parts.scheme == "tls" and bool(parts.hostname) and has_port and is_bare
