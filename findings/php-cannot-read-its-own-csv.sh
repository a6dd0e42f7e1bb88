#!/bin/sh
# PHP's fputcsv, as most PHP programs call it, treats the backslash as an escape character: a quote behind a backslash is not
# doubled. Seen with PHP 8.2 of Debian 12: a cell that ends with a backslash is written as "…\" and PHP's own fgetcsv then
# reads the line end and the next row into that cell. Python's csv module reads that cell right, but splits the cell with a
# quote behind a backslash at its comma and loses the quotes. DuckDB 1.5.4 reads each line as one column, without an error.
# Expected: what a program writes with its own function, it can read back. (The default is deprecated since PHP 8.4.)
# Runs on Debian 12, whose package is unpacked into the temporary folder.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download --quiet=2 php8.2-cli php8.2-common libargon2-1 libsodium23 libxml2 libedit2 2>/dev/null
for package in *.deb; do dpkg --extract "$package" root; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check duckdb==1.5.4

cat >write.php <<'PHP'
<?php
$rows = [['T1', 'plain', '9'], ['T2', 'say \\"hello\\", please', '9'], ['T3', 'ring C:\\', '9'], ['T4', 'a b', '9']];
$file = fopen('rows.csv', 'w');
foreach ($rows as $row) fputcsv($file, $row);
PHP
cat >read.php <<'PHP'
<?php
$file = fopen('rows.csv', 'r');
while (($row = fgetcsv($file)) !== false) echo 'PHP ', json_encode($row, JSON_UNESCAPED_SLASHES), "\n";
PHP
cat >read.py <<'PY'
import csv
import json

import duckdb

with open("rows.csv", newline="") as file:
    for row in csv.reader(file):
        print("Python", json.dumps(row))

widths = {len(row) for row in duckdb.sql("FROM read_csv('rows.csv', header=false)").fetchall()}
print("DuckDB columns:", widths)
PY
php() { LD_LIBRARY_PATH=$(find root -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':') root/usr/bin/php8.2 -n "$@"; }
php write.php
{ cat rows.csv; php read.php; venv/bin/python read.py; } | tee seen

cat >expected <<'TXT'
T1,plain,9
T2,"say \"hello\", please",9
T3,"ring C:\",9
T4,"a b",9
PHP ["T1","plain","9"]
PHP ["T2","say \\\"hello\\\", please","9"]
PHP ["T3","ring C:\\\",9\nT4,a b\"","9"]
Python ["T1", "plain", "9"]
Python ["T2", "say \\hello\\\"", " please\"", "9"]
Python ["T3", "ring C:\\", "9"]
Python ["T4", "a b", "9"]
DuckDB columns: {1}
TXT
diff -u expected seen && echo "as stated"
