#!/bin/sh
# pypdf 7.1.0 fills a form whose font (DejaVu Sans, put in by WeasyPrint 70.0) has no Devanagari. Seen: the stored value is
# right, and what is drawn are other letters, Latin ones with dots, because code points are written where the font wants
# numbers of glyphs. A line in the log is all that warns. Expected: an error, or an empty box for each letter.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdf==7.1.0 weasyprint==70.0 pypdfium2==5.15.2
(cd "$folder" && npm pack --silent dejavu-fonts-ttf@2.37.3 >/dev/null && tar xzf ./*.tgz)

cat >"$folder/try.py" <<'PY'
import logging
import sys
from io import BytesIO

import pypdfium2
from pypdf import PdfReader, PdfWriter
from weasyprint import HTML

logging.disable(logging.CRITICAL)
FONT = f"{sys.argv[1]}/package/ttf/DejaVuSans.ttf"
STYLE = f"@font-face {{ font-family: F; src: url('file://{FONT}') }} input {{ font-family: F }}"
PAGE = f'<html lang="en"><title>t</title><style>{STYLE}</style><form><input name="a"></form>'
form = BytesIO(HTML(string=PAGE).write_pdf(pdf_forms=True))

for text in ("Called", "हिन्दी"):
    stored, drawn = BytesIO(), BytesIO()
    writer = PdfWriter(clone_from=form)
    writer.update_page_form_field_values(writer.pages[0], {"a": text}, auto_regenerate=False)
    writer.write(stored)

    writer = PdfWriter(clone_from=form)
    writer.update_page_form_field_values(writer.pages[0], {"a": text}, auto_regenerate=False, flatten=True)
    writer.remove_annotations(subtypes="/Widget")
    writer.write(drawn)

    value = PdfReader(stored).get_fields()["a"]["/V"]
    letters = pypdfium2.PdfDocument(drawn.getvalue())[0].get_textpage().get_text_range()
    print(f"{text}: stored {value}, drawn {letters}")
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
Called: stored Called, drawn Called
हिन्दी: stored हिन्दी, drawn ḻṁḪṏḨṂ
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
