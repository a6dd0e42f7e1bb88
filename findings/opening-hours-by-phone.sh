#!/bin/sh
# When a store is open, as OpenStreetMap writes it. Hours with no more than a comment, `Su "by phone"`, are unknown by
# that format's specification. Seen: opening_hours 3.15.0 of npm says unknown, and opening-hours-py 2.1.4 says open,
# the whole Sunday, with is_unknown false; so they do for hours without an end, `09:00+`. `Su unknown "by phone"` is
# unknown for both. `PH off` closes nothing for the second unless a country is given, and neither has the holidays of
# India: 26 January is open, the country IN is an error. Expected: one answer of two readers of one format. It hurts
# whoever sends a rider by it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check opening-hours-py==2.1.4
npm install --silent --no-fund --no-audit opening_hours@3.15.0

cat >hours.txt <<'TXT'
Mo-Sa 09:00-21:00
Mo-Sa 09:00-21:00; Su "by phone"
Mo-Sa 09:00-21:00 || "by phone"
Mo-Sa 09:00-21:00; Su unknown "by phone"
09:00+
TXT

cat >try.cjs <<'JS'
const { readFileSync } = require("node:fs");
const OpeningHours = require("opening_hours");

const sunday = new Date(2026, 0, 25, 12);
for (const text of readFileSync("hours.txt", "utf8").trim().split("\n")) {
  const hours = new OpeningHours(text, null);
  console.log(`npm: ${text}: ${hours.getStateString(sunday, true)}`);
}

const india = { address: { country_code: "in", state: "Karnataka" } };
try {
  new OpeningHours("Mo-Sa 09:00-21:00; PH off", india).getState(new Date(2026, 0, 26, 12));
} catch (error) {
  console.log("npm: PH off in India: an error");
}
JS
cat >try.py <<'PY'
from datetime import datetime
from pathlib import Path

from opening_hours import OpeningHours

for text in Path("hours.txt").read_text().splitlines():
    hours, sunday = OpeningHours(text), datetime(2026, 1, 25, 12)
    print(f"PyPI: {text}: open {hours.is_open(sunday)}, unknown {hours.is_unknown(sunday)}")

text, republic_day = "Mo-Sa 09:00-21:00; PH off", datetime(2026, 1, 26, 12)
print(f"PyPI: PH off: open {OpeningHours(text).is_open(republic_day)}")
try:
    OpeningHours(text, country="IN")
except Exception as error:
    print(f"PyPI: PH off in India: {error}")
PY
{ node try.cjs 2>errors && venv/bin/python try.py; } | tee seen

cat >expected <<'TXT'
npm: Mo-Sa 09:00-21:00: closed
npm: Mo-Sa 09:00-21:00; Su "by phone": unknown
npm: Mo-Sa 09:00-21:00 || "by phone": unknown
npm: Mo-Sa 09:00-21:00; Su unknown "by phone": unknown
npm: 09:00+: unknown
npm: PH off in India: an error
PyPI: Mo-Sa 09:00-21:00: open False, unknown False
PyPI: Mo-Sa 09:00-21:00; Su "by phone": open True, unknown False
PyPI: Mo-Sa 09:00-21:00 || "by phone": open True, unknown False
PyPI: Mo-Sa 09:00-21:00; Su unknown "by phone": open False, unknown True
PyPI: 09:00+: open True, unknown False
PyPI: PH off: open True
PyPI: PH off in India: Unknown ISO code `IN`
TXT
diff -u expected seen && echo "as stated"
