"""DATABASE_URL as operators write it, in SQLAlchemy's form for psycopg2. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote

# As in SQLAlchemy, the first @ ends the password; unless the host would then contain another @.
_URL = re.compile(
    r"(?P<scheme>postgresql|postgresql\+psycopg2|postgresql\+asyncpg)://"
    r"(?:(?P<user>[^:/@]*)(?::(?P<password>.*?))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s@/?:\[\]]*)(?::(?P<port>[0-9]*))?"
    r"(?P<path>/[^?]*)?(?:\?(?P<query>.*))?"
)
_PORTS = range(1, 65536)
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def for_psycopg2(url: str) -> str | None:
    """Return the URL for psycopg2, or None when it is no PostgreSQL URL.

    Special characters of user and password are percent-encoded where the operator did not do it
    (lesson 92), and asyncpg's `ssl=` becomes libpq's `sslmode=`. Everything else stays as it is.
    """
    if not (parts := _URL.fullmatch(url)) or int(parts["port"] or 1) not in _PORTS:
        return None

    credentials = ""

    if parts["user"] is not None:
        credentials = _encoded(parts["user"])
        credentials += "@" if parts["password"] is None else f":{_encoded(parts['password'])}@"

    port = f":{parts['port']}" if parts["port"] else ""
    query = (
        _libpq_query(parts["query"] or "")
        if parts["scheme"].endswith("asyncpg")
        else parts["query"]
    )

    options = f"?{query}" if query else ""
    return f"postgresql+psycopg2://{credentials}{parts['host']}{port}{parts['path'] or ''}{options}"


def _encoded(text: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", text), safe="%")


def _libpq_query(query: str) -> str:
    options = (re.sub(r"^ssl=true$", "ssl=require", option) for option in query.split("&"))
    found = []

    for option in options:
        found.append(re.sub(r"^ssl=", "sslmode=", option))

    return "&".join(found)
