#!/bin/sh
# number-parser 0.3.2 turns numbers in words into digits, also in Hindi. Seen: in English it knows hundred, thousand and
# million, but neither lakh nor crore; the text comes back half translated, which the next reader takes for 1 and 20000.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check number-parser==0.3.2 attrs==26.1.0

cat >"$folder/try.py" <<'PY'
from number_parser import parse, parse_number

for text in ("two crore", "one lakh twenty thousand", "two million"):
    print(f"{text!r}: {parse(text)!r}, as one number {parse_number(text)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
'two crore': '2 crore', as one number None
'one lakh twenty thousand': '1 lakh 20000', as one number None
'two million': '2000000', as one number 2000000
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
