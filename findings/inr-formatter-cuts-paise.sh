#!/bin/sh
# Amounts in rupees by inr-formatter 0.1.0, with two places. Seen: the paise are rounded and the rupees are cut, each
# by itself, so that 99,999.996 is ₹99,999.00, a rupee less than it should be, and 0.999 is ₹0.00; a refund of 50
# paise, -0.5, is ₹0.50 without its minus, while -1.5 has it. Expected: one rounding of the whole amount,
# ₹1,00,000.00, and the sign of any amount. It hurts averages and taxes, which end in parts of a paisa, and whoever
# reads a refund as a charge.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check inr-formatter==0.1.0

cat >"$folder/try.py" <<'PY'
from inr_formatter import format_inr_full

for amount in (912450.5, 99999.99, 99999.994, 99999.996, 0.999, -1.5, -0.5, -99.999):
    print(f"{amount}: {format_inr_full(amount)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
912450.5: ₹9,12,450.50
99999.99: ₹99,999.99
99999.994: ₹99,999.99
99999.996: ₹99,999.00
0.999: ₹0.00
-1.5: ₹-1.50
-0.5: ₹0.50
-99.999: ₹-99.00
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
