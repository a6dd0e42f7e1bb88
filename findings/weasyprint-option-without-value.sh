#!/bin/sh
# A choice in a form of HTML whose options have no value of their own, which is then their text by the HTML standard. Seen:
# WeasyPrint 70.0 gives each of them the empty value in the PDF, and a viewer that goes by the standard of PDF stores the
# value, not the text: all answers are alike. So is that of the option which is selected from the start. With values all
# is well. Expected: the text as the value. It hurts whoever lets readers choose and reads what comes back.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check weasyprint==70.0 pikepdf==10.18.0

cat >try.py <<'PY'
import io

import pikepdf
import weasyprint

FORMS = {
    "without values": "<option>came</option><option selected>stayed away</option>",
    "with values": "<option value=c>came</option><option value=s selected>stayed away</option>",
}
for name, options in FORMS.items():
    page = f'<html lang="en"><title>t</title><form><select name="owner">{options}</select></form>'
    drawn = weasyprint.HTML(string=page).write_pdf(pdf_forms=True)
    with pikepdf.open(io.BytesIO(drawn)) as file:
        field = file.Root.AcroForm.Fields[0]
        pairs = [f"{str(text)!r} stored as {str(value)!r}" for value, text in field.Opt]
        print(f"{name}: {'; '.join(pairs)}; selected: {str(field.V)!r}")
PY
venv/bin/python try.py 2>errors | tee seen

cat >expected <<'TXT'
without values: 'came' stored as ''; 'stayed away' stored as ''; selected: ''
with values: 'came' stored as 'c'; 'stayed away' stored as 's'; selected: 's'
TXT
diff -u expected seen && echo "as stated"
