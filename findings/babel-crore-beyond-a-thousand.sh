#!/bin/sh
# Babel 2.19.0 (CLDR) shortens amounts for India. Seen: rounding to whole lakh makes 99,999 a full lakh and 9,12,450 nine of
# them; from 1,000 crore on English stacks two units (K of Cr), while Hindi goes on to the next unit, arab, which reports
# of shops do not use. Expected: one unit, and one decimal where a digit would be lost.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0

cat >"$folder/try.py" <<'PY'
from babel.numbers import format_compact_decimal

for amount in (99_999, 912_450, 12_345_678, 10_000_000_000):
    short = [format_compact_decimal(amount, locale=locale) for locale in ("en_IN", "hi_IN")]
    print(f"{amount}: {short[0]} | {short[1]}".replace("\u00a0", " "))
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
99999: 1L | 1 लाख
912450: 9L | 9 लाख
12345678: 1Cr | 1 क॰
10000000000: 1KCr | 10 अ॰
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
