#!/bin/sh
# An export that is an HTML table, as portals write it and name it .xls. HTML lets one leave out </td> and </tr>, and
# rowspan="0" means "to the last row". Seen: without the end tags html-table-parser-python3 0.3.1 finds a table that
# is empty, and html-table-extractor 1.4.1 makes one cell of a row and all that follow. Where an order spans its
# items, the first has the second item in the column of the order; with rowspan="0" the second writes the item over
# the order T1346, which is lost. The first drops &#8377;, the rupee sign. Nothing is raised. html-table-takeout 1.1.2
# reads all of them right. Expected: what a browser shows. It hurts whoever loads such an export.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check html-table-parser-python3==0.3.1 \
    html-table-extractor==1.4.1 html-table-takeout==1.1.2 beautifulsoup4==4.15.0

cat >"$folder/try.py" <<'PY'
import csv

from html_table_extractor.extractor import Extractor
from html_table_parser.parser import HTMLTableParser
from html_table_takeout import parse_html

HEAD = "<tr><th>Order</th><th>Item</th></tr>"
TABLES = {
    "all tags": f"<table>{HEAD}<tr><td>T1346</td><td>&#8377;80</td></tr><tr><td>T1347</td><td>5</td></tr></table>",
    "no end tags": "<table><tr><th>Order<th>Item<tr><td>T1346<td>80<tr><td>T1347<td>5</table>",
    "rowspan 2": f'<table>{HEAD}<tr><td rowspan="2">T1346</td><td>Shirt</td></tr><tr><td>Saree</td></tr></table>',
    "rowspan 0": f'<table>{HEAD}<tr><td rowspan="0">T1346</td><td>Shirt</td></tr><tr><td>Saree</td></tr></table>',
}


def parser(text):
    reader = HTMLTableParser()
    reader.feed(text)
    return reader.tables[0]


READERS = {
    "parser": parser,
    "extractor": lambda text: Extractor(text).parse().return_list(),
    "takeout": lambda text: list(csv.reader(parse_html(text)[0].to_csv().splitlines())),
}
for name, text in TABLES.items():
    for reader, read in READERS.items():
        print(f"{name}: {reader} {read(text)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
all tags: parser [['Order', 'Item'], ['T1346', '80'], ['T1347', '5']]
all tags: extractor [['Order', 'Item'], ['T1346', '₹80'], ['T1347', '5']]
all tags: takeout [['Order', 'Item'], ['T1346', '₹80'], ['T1347', '5']]
no end tags: parser []
no end tags: extractor [['OrderItemT134680T13475'], ['T134680T13475'], ['T13475']]
no end tags: takeout [['Order', 'Item'], ['T1346', '80'], ['T1347', '5']]
rowspan 2: parser [['Order', 'Item'], ['T1346', 'Shirt'], ['Saree']]
rowspan 2: extractor [['Order', 'Item'], ['T1346', 'Shirt'], ['T1346', 'Saree']]
rowspan 2: takeout [['Order', 'Item'], ['T1346', 'Shirt'], ['T1346', 'Saree']]
rowspan 0: parser [['Order', 'Item'], ['T1346', 'Shirt'], ['Saree']]
rowspan 0: extractor [['Order', 'Item'], ['Saree', 'Shirt']]
rowspan 0: takeout [['Order', 'Item'], ['T1346', 'Shirt'], ['T1346', 'Saree']]
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
