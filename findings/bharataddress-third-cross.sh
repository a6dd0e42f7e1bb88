#!/bin/sh
# Addresses of Bengaluru for bharataddress 0.4.0, a parser of Indian addresses. Seen: "3rd Cross" is "3road Cross" and
# "1st Main" is "1street Main", since the end of the ordinal is taken for the short form of road and street; "2nd" and
# "4th" stay. St. Marks Road is "street Marks Road". A PIN code in two groups, 560 001, is none: it becomes a part of
# the city, and neither district nor state is found. Expected: an ordinal of a street as it was written, and the PIN
# code as India's post prints it. It hurts whoever sends parcels by it, or compares the addresses of two customers.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check bharataddress==0.4.0

cat >"$folder/try.py" <<'PY'
import bharataddress

ADDRESSES = (
    "2nd Cross, Jayanagar, Bengaluru 560011",
    "3rd Cross, Jayanagar, Bengaluru 560011",
    "3rd Floor, 5 MG Road, Bengaluru 560001",
    "1st Main Road, St. Marks Road, Bengaluru 560001",
    "5 MG Road, Bengaluru 560001",
    "5 MG Road, Bengaluru 560 001",
    "5 MG Road, Bengaluru - 560 001",
)
for address in ADDRESSES:
    found = bharataddress.parse(address)
    parts = (found.sub_locality, found.locality, found.city, found.state, found.pincode)
    print(f"{address}: {' | '.join(map(str, parts))}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
2nd Cross, Jayanagar, Bengaluru 560011: 2nd Cross | Jayanagar | Bangalore | Karnataka | 560011
3rd Cross, Jayanagar, Bengaluru 560011: 3road Cross | Jayanagar | Bangalore | Karnataka | 560011
3rd Floor, 5 MG Road, Bengaluru 560001: MG Road | 3road Floor | Bangalore | Karnataka | 560001
1st Main Road, St. Marks Road, Bengaluru 560001: street Marks Road | 1street Main Road | Bangalore | Karnataka | 560001
5 MG Road, Bengaluru 560001: None | MG Road | Bangalore | Karnataka | 560001
5 MG Road, Bengaluru 560 001: None | MG Road | Bengaluru 560 001 | None | None
5 MG Road, Bengaluru - 560 001: None | MG Road | Bengaluru - 560 001 | None | None
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
