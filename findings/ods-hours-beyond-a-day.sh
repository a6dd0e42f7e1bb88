#!/bin/sh
# How long an order took and what it cost, in an .ods as LibreOffice writes it: hours are PT36H30M00S, rupees are of
# type currency. Seen: python-calamine 0.9.1 reads 8:30 as a time and 36:30 as the text PT36H30M00S, one column in two
# kinds; pandas 3.1.1 raises for 36:30, so that the whole sheet cannot be read; pyexcel-ods3 0.6.1 has both as they
# should be, but makes the text "912450.5 INR" of the amount, which the others read as a number. Expected: a length of
# time, a number.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 pandas==3.1.1 odfpy==1.4.1 \
    pyexcel-ods3==0.6.1 lxml==6.1.3

cat >"$folder/try.py" <<'PY'
import sys

import pandas
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from pyexcel_ods3 import get_data
from python_calamine import CalamineWorkbook

CELLS = {
    "8:30": {"valuetype": "time", "timevalue": "PT08H30M00S"},
    "36:30": {"valuetype": "time", "timevalue": "PT36H30M00S"},
    "₹9,12,450.50": {"valuetype": "currency", "currency": "INR", "value": "912450.5"},
}
READERS = {
    "calamine": lambda file: CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python(),
    "pandas": lambda file: pandas.read_excel(file, engine="odf", header=None).to_numpy().tolist(),
    "pyexcel-ods3": lambda file: get_data(file)["orders"],
}
for shown, stored in CELLS.items():
    cell, row, table = TableCell(**stored), TableRow(), Table(name="orders")
    cell.addElement(P(text=shown))
    row.addElement(cell)
    table.addElement(row)
    document = OpenDocumentSpreadsheet()
    document.spreadsheet.addElement(table)
    document.save(file := f"{sys.argv[1]}/orders.ods")
    for reader, read in READERS.items():
        try:
            [[value]] = read(file)
            found = f"{type(value).__name__} {value}"
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
        print(f"{shown}: {reader} {found}")
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
8:30: calamine time 08:30:00
8:30: pandas time 08:30:00
8:30: pyexcel-ods3 time 08:30:00
36:30: calamine str PT36H30M00S
36:30: pandas DateParseError: hour must be in 0..23: 36:30
36:30: pyexcel-ods3 timedelta 1 day, 12:30:00
₹9,12,450.50: calamine float 912450.5
₹9,12,450.50: pandas float 912450.5
₹9,12,450.50: pyexcel-ods3 str 912450.5 INR
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
