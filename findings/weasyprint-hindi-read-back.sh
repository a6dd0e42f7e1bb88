#!/bin/sh
# Hindi on a page by WeasyPrint 70.0 with Noto Sans Devanagari, read back by pypdf 7.1.0, PDFium and MuPDF. Seen: the page
# looks right, but the text that is copied or searched depends on the words before it: letters are lost, doubled, or
# stand as strange ones, since one glyph means what it meant where it came first. Expected: the text that was written.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check weasyprint==70.0 pypdf==7.1.0 pypdfium2==5.15.2 \
    pymupdf==2.0
(cd "$folder" && npm pack --silent @expo-google-fonts/noto-sans-devanagari@0.4.1 >/dev/null && tar xzf ./*.tgz)

cat >"$folder/try.py" <<'PY'
import sys
from io import BytesIO

import pymupdf
import pypdf
import pypdfium2
from weasyprint import HTML

FONT = f"{sys.argv[1]}/package/400Regular/NotoSansDevanagari_400Regular.ttf"
STYLE = f"@font-face {{ font-family: Deva; src: url('file://{FONT}') }} body {{ font-family: Deva }}"
for text in ("में", "कि", "कल कि", "कि की", "शर्ट की किमत"):
    page = f'<html lang="hi"><title>t</title><style>{STYLE}</style><body>{text}'
    pdf = HTML(string=page).write_pdf()
    read = {
        "pypdf": pypdf.PdfReader(BytesIO(pdf)).pages[0].extract_text(),
        "PDFium": pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range(),
        "MuPDF": pymupdf.open(stream=pdf)[0].get_text(),
    }
    right = [name for name, found in read.items() if found.strip() == text]
    print(f"{text}: read back by {', '.join(right) or 'none'}")
PY
"$folder/venv/bin/python" "$folder/try.py" "$folder" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
में: read back by pypdf, PDFium, MuPDF
कि: read back by pypdf
कल कि: read back by none
कि की: read back by none
शर्ट की किमत: read back by none
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
