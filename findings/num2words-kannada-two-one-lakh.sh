#!/bin/sh
# num2words 0.5.14 writes numbers in Kannada, the language of Bengaluru. Seen: the word for lakh carries a 'one' of its own, so
# that 2,00,000 is 'two one lakh' and 1,00,000 'one one lakh'; thousand and crore do not. Expected: two lakh.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check num2words==0.5.14 docopt==0.6.2

cat >"$folder/try.py" <<'PY'
from num2words import num2words

for number in (2_000, 100_000, 200_000, 20_000_000):
    print(f"{number}: {num2words(number, lang='kn')}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
2000: ಎರಡು ಸಾವಿರ
100000: ಒಂದು ಒಂದು ಲಕ್ಷ
200000: ಎರಡು ಒಂದು ಲಕ್ಷ
20000000: ಎರಡು ಕೋಟಿ
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
