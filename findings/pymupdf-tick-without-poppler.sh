#!/bin/sh
# PyMuPDF 2.0 ticks a check box: the tick is the digit 3 in ZapfDingbats, and the font says "WinAnsiEncoding", in which 3 is
# a digit. Seen: PDFium and MuPDF draw a tick all the same, poppler of Debian 12 reads "3" and draws a 3, or nothing where
# the symbol font is installed. The box as ReportLab 5.1.0 made it, ticked by pikepdf, is a tick for all. Expected: ticked is
# ticked in every viewer. Who fills forms by program and reads them in Evince or Okular prints wrong forms.
# Runs on Debian 12, whose package is unpacked into the temporary folder.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download --quiet=2 poppler-utils libbrotli1 libdeflate0 libexpat1 libfontconfig1 libfreetype6 libjbig0 libjpeg62-turbo liblcms2-2 liblerc4 liblzma5 libnspr4 libnss3 libopenjp2-7 libpng16-16 libpoppler126 libtiff6 libwebp7 libzstd1 zlib1g 2>/dev/null
for package in *.deb; do dpkg --extract "$package" root; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pymupdf==2.0 reportlab==5.1.0 pikepdf==10.18.0 pypdfium2==5.15.2

cat >try.py <<'PY'
import os
import subprocess
from io import BytesIO

import pikepdf
import pymupdf
import pypdfium2
from reportlab.pdfgen import canvas

form = BytesIO()
paper = canvas.Canvas(form, pagesize=(100, 100))
paper.acroForm.checkbox(name="done", x=40, y=40, size=20, buttonStyle="check")
paper.showPage()
paper.save()

with pikepdf.open(form) as pdf:
    box = pdf.Root.AcroForm.Fields[0]
    box.V = box.AS = pikepdf.Name("/Yes")
    pdf.save("pikepdf.pdf")

filled = pymupdf.open(stream=form.getvalue())
page = filled[0]
[box] = page.widgets()
box.field_value = True
box.update()
filled.save("PyMuPDF.pdf")


def is_ticked(pixels, width):
    """Whether anything is dark in the middle of the box."""
    return any(pixels[row * width + column] < 128 for row in range(45, 56) for column in range(45, 56))


for name in ("pikepdf", "PyMuPDF"):
    pdfium = pypdfium2.PdfDocument(f"{name}.pdf")
    pdfium.init_forms()
    seen = pdfium[0].render(grayscale=True, may_draw_forms=True)
    mupdf = pymupdf.open(f"{name}.pdf")[0].get_pixmap(colorspace=pymupdf.csGRAY)
    poppler = subprocess.run(
        ["root/usr/bin/pdftotext", f"{name}.pdf", "-"],
        env=os.environ | {"LD_LIBRARY_PATH": "root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu"},
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"ticked by {name}: PDFium {is_ticked(bytes(seen.buffer), seen.stride)},", end=" ")
    print(f"MuPDF {is_ticked(mupdf.samples, mupdf.width)}, poppler reads {poppler.stdout.strip()!r}")
PY
venv/bin/python try.py | tee seen

cat >expected <<'TXT'
ticked by pikepdf: PDFium True, MuPDF True, poppler reads ''
ticked by PyMuPDF: PDFium True, MuPDF True, poppler reads '3'
TXT
diff -u expected seen && echo "as stated"
