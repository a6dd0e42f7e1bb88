#!/bin/sh
# phonenumbers 9.0.43 (Google's libphonenumber) and a mobile number that a program kept as a floating-point number: Java, and
# so what reads sheets with POI, writes 9876543210 as 9.87654321E9. Seen: the point is dropped and the exponent is appended;
# of a number that ends with one zero this makes ten digits again, which are a valid number of somebody else, the last digit
# a 9. All others are not valid, which one can see. Expected: "did not seem to be a phone number", as it says to
# 9.87654321E+09, which is how spreadsheets write the same.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check phonenumbers==9.0.43

cat >try.py <<'PY'
import phonenumbers


def read(text):
    try:
        number = phonenumbers.parse(text, "IN")
    except phonenumbers.NumberParseException:
        return "refused"
    valid = "valid" if phonenumbers.is_valid_number(number) else "not valid"
    return f"{number.national_number}, {valid}"


for written in ("9876543210", "9.87654321E9", "9.87654321E+09", "9.876543211E9", "9.8765432E9"):
    print(f"{written}: {read(written)}")

ends = {digit: set() for digit in range(10)}
for number in range(98_000_00000, 98_000_01000):
    ends[number % 10].add(read(f"{number / 1e9}E9").partition(", ")[2])
print("last digits of numbers that turn into another valid one:", [d for d, told in ends.items() if "valid" in told])
PY
venv/bin/python try.py | tee seen

cat >expected <<'TXT'
9876543210: 9876543210, valid
9.87654321E9: 9876543219, valid
9.87654321E+09: refused
9.876543211E9: 98765432119, not valid
9.8765432E9: 987654329, not valid
last digits of numbers that turn into another valid one: [0]
TXT
diff -u expected seen && echo "as stated"
