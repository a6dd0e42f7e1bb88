#!/bin/sh
# xlsx2csv 0.8.6 and amounts whose format has "Rs." in it, as Excel stores it for Indian sheets. Seen: the s is taken
# for seconds, so the cell is a date, and what is written is the format itself; the amount is nowhere in it, and nothing
# is said. "days" and "lakh" do the same, ₹ does not; a negative amount of the same column is written as a number. What
# is no date but hours, 36:30, is a fraction of a day. With `-i date` all are numbers. Expected: the number, whatever
# its format.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xlsx2csv==0.8.6 openpyxl==3.1.5

cat >"$folder/try.py" <<'PY'
import csv
import sys
from io import StringIO

import openpyxl
from xlsx2csv import Xlsx2csv

CELLS = (
    (912450.5, '"₹"#,##0.00'),
    (912450.5, '"Rs."#,##0.00'),
    (-912450.5, '"Rs."#,##0.00'),
    (500, "\\R\\s\\ #,##0"),
    (3, '0" days"'),
    (9.12, '0.00" lakh"'),
    (36.5 / 24, "[h]:mm"),
)
book = openpyxl.Workbook()
for row, (value, form) in enumerate(CELLS, start=1):
    book.active.cell(row, 1, value).number_format = form
book.save(file := f"{sys.argv[1]}/amounts.xlsx")


def lines(**options):
    written = StringIO()
    Xlsx2csv(file, **options).convert(written)
    return [row[0] for row in csv.reader(written.getvalue().splitlines())]


read = [row[0].value for row in openpyxl.load_workbook(file).active]
for (_, form), number, line, other in zip(CELLS, read, lines(), lines(ignore_formats=["date"]), strict=True):
    print(f"{form}: openpyxl {number}, xlsx2csv {line}, with -i date {other}")
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
"₹"#,##0.00: openpyxl 912450.5, xlsx2csv 912450.5, with -i date 912450.5
"Rs."#,##0.00: openpyxl 912450.5, xlsx2csv "rs."#,##0.00, with -i date 912450.5
"Rs."#,##0.00: openpyxl -912450.5, xlsx2csv -912450.5, with -i date -912450.5
\R\s\ #,##0: openpyxl 500, xlsx2csv rs #,##0, with -i date 500
0" days": openpyxl 3, xlsx2csv 0" 02ays", with -i date 3
0.00" lakh": openpyxl 9.12, xlsx2csv 0.00" lak02", with -i date 9.119999999999999
[h]:mm: openpyxl 1 day, 12:30:00, xlsx2csv 1.520833, with -i date 1.520833
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
