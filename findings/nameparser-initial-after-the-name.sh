#!/bin/sh
# Names as South India writes them, with the father's initial behind: Ravi Kumar R. Seen: nameparser 2.6.0 has R as the
# family name and Kumar as a middle one, and with the initial V or I makes Ravi Kumar the fifth or the first of his line,
# whose family name is Kumar. Md behind a name is a doctor, before it a first name, and with a full stop a title. Expected:
# one reading for every initial. It hurts whoever greets a customer by a part of a name, or joins customers by it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nameparser==2.6.0

cat >try.py <<'PY'
from nameparser import HumanName

for text in (
    "Ravi Kumar R",
    "Ravi Kumar V",
    "Ravi Kumar I",
    "Ravi V",
    "Rafi Md",
    "Md Rafi",
    "Md. Rafi Ahmed",
):
    parts = [f"{name} {part}" for name, part in HumanName(text).as_dict().items() if part]
    print(f"{text}: {', '.join(parts)}")
PY
venv/bin/python try.py | tee seen

cat >expected <<'TXT'
Ravi Kumar R: first Ravi, middle Kumar, last R
Ravi Kumar V: first Ravi, last Kumar, suffix V
Ravi Kumar I: first Ravi, last Kumar, suffix I
Ravi V: first Ravi, last V
Rafi Md: first Rafi, suffix Md
Md Rafi: first Md, last Rafi
Md. Rafi Ahmed: title Md., first Rafi, last Ahmed
TXT
diff -u expected seen && echo "as stated"
