#!/bin/sh
# thefuzz 0.22.1 (RapidFuzz 3.14.6) compares names of customers, to find those who came again. Seen: before its token
# ratios and WRatio it makes blanks of what is neither letter nor digit, and takes the vowel signs of India's scripts
# for that: मीना (Meena) and मोना (Mona) are both "म न" and alike by 100, `extractOne` finds the wrong one of the two,
# and `dedupe` drops people. In Latin letters the same names have 67, and RapidFuzz by itself, which prepares nothing,
# 75. Expected: below 100.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check thefuzz==0.22.1 rapidfuzz==3.14.6

cat >"$folder/try.py" <<'PY'
import rapidfuzz
from thefuzz import fuzz, process

PAIRS = (("Meena", "Mona"), ("मीना", "मोना"), ("सीमा शर्मा", "सोमा शर्मा"), ("राजू", "रोजी"), ("ಮೀನಾ", "ಮೋನಾ"), ("மீனா", "மோனா"))
for one, other in PAIRS:
    scores = {name: getattr(fuzz, name)(one, other) for name in ("ratio", "token_sort_ratio", "token_set_ratio", "WRatio")}
    print(one, other, *(f"{name} {score}" for name, score in scores.items()), end=", ")
    print(f"RapidFuzz {rapidfuzz.fuzz.token_sort_ratio(one, other):.0f}")

print("Mona is found as", process.extractOne("मोना", ["मीना", "मोना"]))
print("of four people:", *sorted(process.dedupe(["मीना", "मोना", "राजू", "रोजी"])))
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
Meena Mona ratio 67 token_sort_ratio 67 token_set_ratio 67 WRatio 67, RapidFuzz 67
मीना मोना ratio 75 token_sort_ratio 100 token_set_ratio 100 WRatio 100, RapidFuzz 75
सीमा शर्मा सोमा शर्मा ratio 90 token_sort_ratio 100 token_set_ratio 100 WRatio 100, RapidFuzz 90
राजू रोजी ratio 50 token_sort_ratio 100 token_set_ratio 100 WRatio 100, RapidFuzz 50
ಮೀನಾ ಮೋನಾ ratio 75 token_sort_ratio 100 token_set_ratio 100 WRatio 100, RapidFuzz 75
மீனா மோனா ratio 75 token_sort_ratio 100 token_set_ratio 100 WRatio 100, RapidFuzz 75
Mona is found as ('मीना', 100)
of four people: मोना रोजी
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
