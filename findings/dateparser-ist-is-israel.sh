#!/bin/sh
# Whose standard time is IST? India, Israel and Ireland use the letters. Seen: dateparser 1.5.0 says +02:00 (Israel), GNU
# date says +05:30 (India), Python's parser of mail headers drops the zone and returns a time without one, and dateutil
# 2.9.0 does the same with a warning. An export or header that says IST is hours off in three of the four.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dateparser==1.5.0 python-dateutil==2.9.0.post0 \
    regex==2026.5.9 tzlocal==5.4.4 pytz==2026.3

cat >"$folder/try.py" <<'PY'
import subprocess
import warnings
from email.utils import parsedate_to_datetime

import dateparser
from dateutil import parser

text = "2025-11-14 08:00 IST"
print("dateparser:", dateparser.parse(text).isoformat())
print("mail header:", parsedate_to_datetime("Fri, 14 Nov 2025 08:00:00 IST").isoformat())
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("dateutil:", parser.parse(text).isoformat(), caught[0].category.__name__)

command = ["date", "--utc", "--date", text, "+%FT%T%:z"]
done = subprocess.run(command, capture_output=True, text=True, check=True)
print("GNU date:", done.stdout.strip())
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
dateparser: 2025-11-14T08:00:00+02:00
mail header: 2025-11-14T08:00:00
dateutil: 2025-11-14T08:00:00 UnknownTimezoneWarning
GNU date: 2025-11-14T02:30:00+00:00
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
