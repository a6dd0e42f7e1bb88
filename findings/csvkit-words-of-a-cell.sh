#!/bin/sh
# What a customer asks for, in the cells of an export: "tomorrow", "monday", "today". Seen: csvkit 2.2.0 with agate 1.14.2
# takes such a column for days and writes those of the year 1: tomorrow is 0001-01-02, monday is 0001-01-08. With "sunday
# evening" in one more row, tomorrow is the day after the one on which the file is read, with "call first" it stays a
# word. Customers whose names are months are days of the year 1, too, and "30 m" of a carpet are half an hour. Expected:
# words. It hurts whoever converts an export and reads the result: the words are gone, and no message says so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check csvkit==2.2.0 agate==1.14.2

cat >words.csv <<'CSV'
order,instruction,customer,carpet
A668-1,tomorrow,May,30 m
A668-2,monday,June,2 m
A668-3,today,April,4 m
CSV
tomorrow=$(date --date=tomorrow +%F)
first_row() { # LAST CELL
    printf 'order,instruction\nA668-1,tomorrow\nA668-2,%s\n' "$1" | venv/bin/csvjson --stream | sed "1s/$tomorrow/(a day after this one)/;1q"
}
{
    venv/bin/csvjson --stream words.csv
    first_row "sunday evening"
    first_row "call first"
} | tee seen

cat >expected <<'TXT'
{"order": "A668-1", "instruction": "0001-01-02", "customer": "0001-05-01", "carpet": "0:30:00"}
{"order": "A668-2", "instruction": "0001-01-08", "customer": "0001-06-01", "carpet": "0:02:00"}
{"order": "A668-3", "instruction": "0001-01-01", "customer": "0001-04-01", "carpet": "0:04:00"}
{"order": "A668-1", "instruction": "(a day after this one)T00:00:00"}
{"order": "A668-1", "instruction": "tomorrow"}
TXT
diff -u expected seen && echo "as stated"
