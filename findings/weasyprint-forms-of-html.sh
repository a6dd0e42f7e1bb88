#!/bin/sh
# WeasyPrint 70.0 makes form fields of HTML. Seen: readonly, disabled and required are dropped without a word, so people can
# type where the page says that they cannot; maxlength stays. A box that is ticked is /on, whatever its value; a radio
# button is its number, its value stands in /Opt alone. A label names its field for those who listen only inside a form.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pikepdf==10.18.0

cat >"$folder/try.py" <<'PY'
from io import BytesIO

import pikepdf
from weasyprint import HTML

PAGE = """<html lang="en"><title>t</title>
<label for="l1">Label outside</label><input id="l1" name="outside">
<form><label for="l2">Label inside</label><input id="l2" name="inside">
<input name="readonly" readonly><input name="disabled" disabled><input name="required" required>
<input name="short" maxlength="5"><input type="checkbox" name="box" value="yes" checked>
<input type="radio" name="choice" value="red"><input type="radio" name="choice" value="blue" checked>
</form>"""
with pikepdf.open(BytesIO(HTML(string=PAGE).write_pdf(pdf_forms=True))) as pdf:
    for field in pdf.Root.AcroForm.Fields:
        if "/Parent" in field:
            continue
        flags = int(field.get("/Ff", 0)) & 0b11
        options = [str(one) for one in field.get("/Opt", [])]
        print(f"{field.T}: named {field.TU}, readonly or required {flags}, value {field.get('/V')}", end="")
        print(f", at most {field.get('/MaxLen')}, values {options}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
outside: named outside, readonly or required 0, value , at most None, values []
inside: named Label inside, readonly or required 0, value , at most None, values []
readonly: named readonly, readonly or required 0, value , at most None, values []
disabled: named disabled, readonly or required 0, value , at most None, values []
required: named required, readonly or required 0, value , at most None, values []
short: named short, readonly or required 0, value , at most 5, values []
box: named box, readonly or required 0, value /on, at most None, values []
choice: named choice, readonly or required 0, value /1, at most None, values ['red', 'blue']
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
