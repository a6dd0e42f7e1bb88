#!/bin/sh
# tablib 3.10.0, with which Django admins import spreadsheets, and cells of an .ods as LibreOffice writes them. Seen: of
# a cell that has a comment the value is the comment's author; of a text in several styles or lines it is the first
# piece; a number is what is displayed of it, so 99.995 shown without decimals is 100.0. Nothing is said. A number with
# a comment or a separator in its display raises. python-calamine 0.9.1 reads all. Expected: the value, which the file
# has beside the display.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "tablib[ods]==3.10.0" odfpy==1.4.1 python-calamine==0.9.1

cat >"$folder/try.py" <<'PY'
import sys

import tablib
from odf.dc import Creator
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P, Span
from python_calamine import CalamineWorkbook


def comment():
    note = Annotation()
    note.addElement(Creator(text="Owner"))
    note.addElement(P(text="ring her"))
    return note


def text(*pieces):
    cell = TableCell(valuetype="string")
    for piece in pieces:
        cell.addElement(piece)
    return cell


def number(value, shown, *before):
    cell = TableCell(valuetype="float", value=value)
    for piece in (*before, P(text=shown)):
        cell.addElement(piece)
    return cell


styled = P(text="T")
styled.addElement(Span(text="13"))
styled.addText("46")
CELLS = {
    "text": text(P(text="T1346")),
    "text with a comment": text(comment(), P(text="T1346")),
    "text in two styles": text(styled),
    "text of two lines": text(P(text="ring her"), P(text="not before 10")),
    "99.995 shown as 100": number("99.995", "100"),
    "912450 shown as 9,12,450": number("912450", "9,12,450"),
    "500 with a comment": number("500", "500", comment()),
}
for name, cell in CELLS.items():
    document = OpenDocumentSpreadsheet()
    row, table = TableRow(), Table(name="orders")
    row.addElement(cell)
    table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(file := f"{sys.argv[1]}/orders.ods")
    [[value]] = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    try:
        with open(file, "rb") as content:
            found = repr(tablib.Dataset().load(content, format="ods", headers=False)[0][0])
    except ValueError as error:
        found = f"ValueError: {error}"
    print(f"{name}: calamine {value!r}, tablib {found}")
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
text: calamine 'T1346', tablib 'T1346'
text with a comment: calamine 'T1346', tablib 'Owner'
text in two styles: calamine 'T1346', tablib 'T'
text of two lines: calamine 'ring her\nnot before 10', tablib 'ring her'
99.995 shown as 100: calamine 99.995, tablib 100.0
912450 shown as 9,12,450: calamine 912450.0, tablib ValueError: could not convert string to float: '9,12,450'
500 with a comment: calamine 500.0, tablib ValueError: could not convert string to float: 'Owner'
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
