#!/bin/sh
# price-parser 0.5.1 reads amounts out of text. Seen: a multiplier behind the number is dropped without a word, so that
# nine lakh become nine rupees; a minus before the currency sign and brackets around the number are dropped; an exponent
# ends the number. Expected: the value, or None where the text says more than a number.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check price-parser==0.5.1 attrs==26.1.0

cat >"$folder/try.py" <<'PY'
from price_parser import Price

for text in ("₹ 9.12 Lakh", "₹1.2 Cr", "-₹5", "(1,234)", "1e3", "free", "₹ 9,12,450.50"):
    print(f"{text!r}: {Price.fromstring(text).amount}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
'₹ 9.12 Lakh': 9.12
'₹1.2 Cr': 1.2
'-₹5': 5
'(1,234)': 1234
'1e3': 1
'free': 0
'₹ 9,12,450.50': 912450.50
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
