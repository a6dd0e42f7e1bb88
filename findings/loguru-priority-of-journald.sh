#!/bin/sh
# loguru 0.7.3 and the priority with which journald wants a line to begin, <3>. Seen: from a format function the line is
# lost, the whole record (with what extra holds) goes to stderr, and the program ends with 0, also with colorize=False;
# the same text as a string is refused when the sink is added. A backslash before it helps in both.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check loguru==0.7.3

cat >"$folder/try.py" <<'PY'
import io
import sys

from loguru import logger

sys.stderr = io.StringIO()
FORMATS = {
    "function": lambda _: "<3>{message}\n",
    "function, escaped": lambda _: "\\<3>{message}\n",
    "string": "<3>{message}",
}
for name, line in FORMATS.items():
    sink, sys.stderr = io.StringIO(), io.StringIO()
    logger.remove()
    try:
        logger.add(sink, format=line, colorize=False)
    except ValueError:
        print(f"{name}: refused")
        continue
    logger.bind(phone="secret").error("disk full")
    print(f"{name}: {sink.getvalue()!r}, extra on stderr {'secret' in sys.stderr.getvalue()}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
function: '', extra on stderr True
function, escaped: '<3>disk full\n', extra on stderr False
string: refused
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
