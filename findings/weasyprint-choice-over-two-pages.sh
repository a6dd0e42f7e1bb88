#!/bin/sh
# WeasyPrint 70.0 and two radio buttons of one name in one form, with a page break between them. Seen: each page gets a
# field of its own, both of the same name, so both can be chosen at once, and a reader of values sees one of them. Without
# the break it is one field with two buttons. Expected: one choice, as in HTML and as print does not change.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pikepdf==10.18.0

cat >"$folder/try.py" <<'PY'
from io import BytesIO

import pikepdf
from weasyprint import HTML

for between in ("", '<p style="break-before: page">'):
    page = (
        '<html lang="en"><title>t</title><form><input type="radio" name="came" value="yes" checked>'
        f'{between}<input type="radio" name="came" value="no"></form>'
    )
    with pikepdf.open(BytesIO(HTML(string=page).write_pdf(pdf_forms=True))) as pdf:
        groups = [field for field in pdf.Root.AcroForm.Fields if "/Kids" in field]
        told = [f"{group.T} with {len(group.Kids)} buttons, value {group.V}" for group in groups]
        print(f"{len(pdf.pages)} pages: {'; '.join(told)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
1 pages: came with 2 buttons, value /0
2 pages: came with 1 buttons, value /0; came with 1 buttons, value /Off
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
