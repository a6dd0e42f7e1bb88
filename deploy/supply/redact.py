"""Replace every secret in a log by ***: `ansible-vault view VAULT | redact.py LOG`.

Secrets are all texts of the vault on stdin, passwords inside its addresses, and the variables that
--environment names. The log is removed when the vault cannot be read: better none than one with
secrets.
"""

import argparse
import os
import sys
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

SHORTEST = 4


def texts(value: object) -> Iterator[str]:
    """All texts in a parsed YAML document, keys left out."""
    if isinstance(value, dict):
        value = list(value.values())

    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif value is not None:
        yield str(value)


def spellings(secret: str) -> Iterator[str]:
    """How a secret may be written: as it is, and the password of an address, quoted or not."""
    yield secret

    address = urllib.parse.urlsplit(secret) if "://" in secret else None
    if address and address.password:
        yield address.password
        yield urllib.parse.unquote(address.password)


def redacted(log: str, secrets: Iterable[str]) -> str:
    """Return the log without any spelling of the secrets; a secret has four characters or more."""
    found = {line for secret in secrets for text in spellings(secret) for line in text.splitlines()}
    for line in sorted(found, key=len, reverse=True):
        if len(line) >= SHORTEST:
            log = log.replace(line, "***")

    return log


def main() -> int:
    """Redact the log in its place; 1 when there was no vault to know its secrets from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument(
        "--environment",
        nargs="*",
        default=[],
        metavar="NAME",
        help="variables that are secret, too",
    )

    options = parser.parse_args()
    log = options.log.read_text()
    options.log.unlink()

    vault = yaml.safe_load(sys.stdin)
    if not isinstance(vault, dict):
        return 1

    secrets = [*texts(vault), *(os.environ.get(name, "") for name in options.environment)]
    options.log.write_text(redacted(log, secrets))

    return 0


if __name__ == "__main__":
    sys.exit(main())
