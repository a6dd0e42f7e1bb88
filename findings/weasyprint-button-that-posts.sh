#!/bin/sh
# WeasyPrint 70.0, pdf_forms, a form with a button to send it. Seen: with method=post the button is listed and never written
# (None 0 R in the file), so pypdf 7.1.0 finds no field of the form at all, not even the text field, MuPDF neither, and
# no step ends with an error. With method=get everything is there; with method=post and no button, too.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pypdf==7.1.0 pymupdf==2.0

cat >"$folder/try.py" <<'PY'
import logging
from io import BytesIO

import pymupdf
import pypdf
from weasyprint import HTML

logging.disable(logging.CRITICAL)
for method, button in (("get", True), ("post", True), ("post", False)):
    send = '<input type="submit" name="go" value="Send">' if button else ""
    page = (
        '<html lang="en"><title>t</title>'
        f'<form method="{method}" action="https://example.invalid/"><input name="a">{send}</form>'
    )
    content = HTML(string=page).write_pdf(pdf_forms=True)
    read = sorted(pypdf.PdfReader(BytesIO(content)).get_fields() or {})
    pymupdf.TOOLS.mupdf_display_errors(False)
    seen = [widget.field_name for leaf in pymupdf.open(stream=content) for widget in leaf.widgets()]
    print(f"{method}, {'a' if button else 'no'} button: pypdf {read}, MuPDF {seen}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
get, a button: pypdf ['a', 'go'], MuPDF ['a', 'go']
post, a button: pypdf [], MuPDF []
post, no button: pypdf ['a'], MuPDF ['a']
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
