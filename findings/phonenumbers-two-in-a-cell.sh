#!/bin/sh
# Two numbers in a cell, as customers' numbers are kept in India, read by phonenumbers 9.0.43 and libphonenumber-js
# 1.13.16. Seen: most are refused, but of 9876543210;9123456789 both make one valid number whose extension is the other
# person, 9876543210/11 runs together, and the name in 9876543210 (Ramesh) becomes digits with phonenumbers. Searching
# finds both numbers with phonenumbers; libphonenumber-js finds the first alone behind a comma or semicolon, and neither
# finds a number with a letter right behind it. Expected: the first number or a refusal from parsing, both from
# searching.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check phonenumbers==9.0.43
npm install --silent --no-fund --no-audit libphonenumber-js@1.13.16

cat >cells <<'TXT'
9876543210;9123456789
9876543210, 9123456789
9876543210 / 9123456789
9876543210/11
9876543210 (Ramesh)
9876543210A
TXT

cat >try.py <<'PY'
import phonenumbers

for cell in open("cells").read().splitlines():
    try:
        number = phonenumbers.parse(cell, "IN")
        valid = "valid" if phonenumbers.is_valid_number(number) else "not valid"
        read = f"{number.national_number}, extension {number.extension}, {valid}"
    except phonenumbers.NumberParseException:
        read = "refused"
    found = [str(match.number.national_number) for match in phonenumbers.PhoneNumberMatcher(cell, "IN")]
    print(f"{cell} | phonenumbers: {read}; found {' '.join(found) or None}")
PY

cat >try.mjs <<'JS'
import { readFileSync } from "node:fs";
import { findPhoneNumbersInText, parsePhoneNumberFromString } from "libphonenumber-js/max";

for (const cell of readFileSync("cells", "utf8").trim().split("\n")) {
    const number = parsePhoneNumberFromString(cell, "IN");
    const valid = number && (number.isValid() ? "valid" : "not valid");
    const read = number ? `${number.nationalNumber}, extension ${number.ext ?? "None"}, ${valid}` : "refused";
    const found = findPhoneNumbersInText(cell, "IN").map((match) => match.number.nationalNumber);
    console.log(`${cell} | libphonenumber-js: ${read}; found ${found.join(" ") || "None"}`);
}
JS
{ venv/bin/python try.py; node try.mjs; } >seen
cat seen

cat >expected <<'TXT'
9876543210;9123456789 | phonenumbers: 9876543210, extension 9123456789, valid; found 9876543210 9123456789
9876543210, 9123456789 | phonenumbers: refused; found 9876543210 9123456789
9876543210 / 9123456789 | phonenumbers: refused; found 9876543210 9123456789
9876543210/11 | phonenumbers: 987654321011, extension None, not valid; found 9876543210
9876543210 (Ramesh) | phonenumbers: 9876543210726374, extension None, not valid; found 9876543210
9876543210A | phonenumbers: 9876543210, extension None, valid; found None
9876543210;9123456789 | libphonenumber-js: 9876543210, extension 9123456789, valid; found 9876543210
9876543210, 9123456789 | libphonenumber-js: refused; found 9876543210
9876543210 / 9123456789 | libphonenumber-js: refused; found 9876543210 9123456789
9876543210/11 | libphonenumber-js: 987654321011, extension None, not valid; found 9876543210
9876543210 (Ramesh) | libphonenumber-js: 9876543210, extension None, valid; found 9876543210
9876543210A | libphonenumber-js: 9876543210, extension None, valid; found None
TXT
diff -u expected seen && echo "as stated"
