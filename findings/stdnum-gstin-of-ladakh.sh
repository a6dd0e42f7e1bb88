#!/bin/sh
# python-stdnum 2.2 checks GSTIN, the tax number of Indian firms; its first two digits are the state. Seen: 38 (Ladakh, in
# use since 2020) and 97 (other territory) are refused as unknown parts, for every check digit; 01 to 37 are taken.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-stdnum==2.2

cat >"$folder/try.py" <<'PY'
import string

from stdnum.in_ import gstin

refused = []
for state in [*range(1, 39), 97]:
    begun = f"{state:02d}AAPFU0939F1Z"
    if not any(gstin.is_valid(begun + digit) for digit in string.digits + string.ascii_uppercase):
        refused.append(state)
print("refused whatever the check digit:", refused)
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
refused whatever the check digit: [38, 97]
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
