#!/bin/sh
# Babel 2.19.0 writes rupees. Seen: in English of India the accounting form of the amount that the ordinary form groups by
# lakh and crore is grouped by thousands and millions, so that one column has both; in Marathi and Tamil amounts always
# are, though plain numbers are not, and in Kannada all are. Expected: one grouping, that of India.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0

cat >"$folder/try.py" <<'PY'
from babel.numbers import format_currency, format_decimal

for locale in ("en_IN", "hi_IN", "mr_IN", "kn_IN", "ta_IN", "gu_IN"):
    plain = format_decimal(-12_345_678, locale=locale)
    kinds = [format_currency(-12_345_678, "INR", locale=locale, format_type=kind) for kind in ("standard", "accounting")]
    print(f"{locale}: {plain} | {kinds[0]} | {kinds[1]}".replace("\u00a0", " "))
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
en_IN: -1,23,45,678 | -₹1,23,45,678.00 | (₹12,345,678.00)
hi_IN: -1,23,45,678 | -₹1,23,45,678.00 | -₹1,23,45,678.00
mr_IN: -1,23,45,678 | -₹12,345,678.00 | (₹12,345,678.00)
kn_IN: -12,345,678 | -₹12,345,678.00 | (₹12,345,678.00)
ta_IN: -1,23,45,678 | -₹ 12,345,678.00 | (₹12,345,678.00)
gu_IN: -1,23,45,678 | -₹1,23,45,678.00 | (₹1,23,45,678.00)
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
