#!/bin/sh
# The days of one export, written as dd/mm/yy, by readers that find out the format themselves. Seen: DuckDB 2.0.1 takes the
# day for the year, 31-03-26 for 26 March 2031, and reads years above 31 or of four digits rightly; agate 1.14.2, which
# csvkit stands on, takes the day for the month, and the column for text once a day is above 12. Neither says a word.
# Expected: text where there are several readings.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 agate==1.14.2

cat >"$folder/try.py" <<'PY'
import sys
from pathlib import Path

import agate
import duckdb

FILE = Path(sys.argv[1], "export.csv")
COLUMNS = (
    ("05/04/26", "06/04/26"),
    ("05/04/26", "25/04/26"),
    ("31-03-26", "01-04-26"),
    ("05/04/2026", "25/04/2026"),
    ("31-03-69", "01-04-70"),
)
for days in COLUMNS:
    FILE.write_text("day,order\n" + "".join(f"{day},T1\n" for day in days))
    by_duckdb = [str(row[0]) for row in duckdb.read_csv(str(FILE)).fetchall()]
    table = agate.Table.from_csv(FILE)
    print(*days, "| duckdb", *by_duckdb, "| agate", type(table.column_types[0]).__name__, *(row[0] for row in table.rows))
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
05/04/26 06/04/26 | duckdb 2005-04-26 2006-04-26 | agate Date 2026-05-04 2026-06-04
05/04/26 25/04/26 | duckdb 2005-04-26 2025-04-26 | agate Text 05/04/26 25/04/26
31-03-26 01-04-26 | duckdb 2031-03-26 2001-04-26 | agate Text 31-03-26 01-04-26
05/04/2026 25/04/2026 | duckdb 2026-04-05 2026-04-25 | agate Text 05/04/2026 25/04/2026
31-03-69 01-04-70 | duckdb 1969-03-31 1970-04-01 | agate Text 31-03-69 01-04-70
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
