#!/bin/sh
# pypdf 7.1.0, two text fields of one name with values of their own, in one file or in two that are merged. Its
# documentation says that the second gets the suffix .2. Seen: the last value alone, under the plain name, in
# get_fields and get_form_text_fields alike; the first is lost without a word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdf==7.1.0 weasyprint==70.0

cat >"$folder/try.py" <<'PY'
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from weasyprint import HTML


def pdf(*values):
    fields = "".join(f'<input name="comment" value="{value}">' for value in values)
    page = f'<html lang="en"><title>t</title><form>{fields}</form>'
    return BytesIO(HTML(string=page).write_pdf(pdf_forms=True))


def told(file):
    reader = PdfReader(file)
    values = {name: field["/V"] for name, field in reader.get_fields().items()}
    return values, reader.get_form_text_fields(), reader.get_form_text_fields(full_qualified_name=True)


print("one file:", *told(pdf("first", "second")))
writer, merged = PdfWriter(), BytesIO()
writer.append(pdf("first"))
writer.append(pdf("second"))
writer.write(merged)
print("two merged:", *told(merged))
print("documented:", "suffix .2" in PdfReader.get_form_text_fields.__doc__)
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
one file: {'comment': 'second'} {'comment': 'second'} {'comment': 'second'}
two merged: {'comment': 'second'} {'comment': 'second'} {'comment': 'second'}
documented: True
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
