#!/bin/sh
# dateparser 1.5.0, asked for a date in a cell of an export. Seen: with all its languages, as by default, N/A is a day of last
# week and NA is the present moment; with English alone both are refused, but the order number T1346 is a day of the year
# 1346 either way (python-dateutil 2.9.0 agrees about the order number). Expected: None for what is no date.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dateparser==1.5.0 python-dateutil==2.9.0.post0 regex==2026.5.9 tzlocal==5.4.4 pytz==2026.3

cat >"$folder/try.py" <<'PY'
import warnings
from datetime import datetime

import dateparser
from dateutil import parser

warnings.simplefilter("ignore")
friday = datetime(2025, 11, 14)
for text in ("N/A", "NA", "T1346", "-"):
    every = dateparser.parse(text, settings={"RELATIVE_BASE": friday})
    english = dateparser.parse(text, languages=["en"], settings={"RELATIVE_BASE": friday})
    print(f"{text!r}: {every}, in English {english}")

print("dateutil:", parser.parse("T1346", default=friday))
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
'N/A': 2025-11-13 00:00:00, in English None
'NA': 2025-11-14 00:00:00, in English None
'T1346': 1346-11-14 00:00:00, in English 1346-11-14 00:00:00
'-': None, in English None
dateutil: 1346-11-14 00:00:00
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
