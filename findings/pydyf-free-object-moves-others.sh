#!/bin/sh
# pydyf 0.13.0 (which writes WeasyPrint's PDFs) and an object that is marked as free, in a compressed file. Seen: a freed
# dictionary is left out of the stream of objects and yet counted in the cross-references, so each later object has the
# place of the next one: pdfminer.six gives another object than the one asked for; qpdf and pypdf look at the numbers in
# the stream and notice nothing. A freed stream is listed as in use at offset 0, of which qpdf
# warns. Expected: the entry of a free object, as in the file that is not compressed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pydyf==0.13.0 pdfminer.six==20260107 pikepdf==10.18.0 pypdf==7.1.0

cat >try.py <<'PY'
from io import BytesIO

import pikepdf
import pydyf
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from pypdf import PdfReader


def written(unused, *, compress):
    """Return a PDF in which nothing is left of the first object, whose number is 3."""
    pdf = pydyf.PDF()
    wanted = pydyf.Dictionary({"Says": "/Wanted"})
    page = {"Type": "/Page", "MediaBox": pydyf.Array([0, 0, 9, 9]), "Resources": pydyf.Dictionary({})}

    for each in (unused, wanted, pydyf.Dictionary({"Says": "/Another"})):
        pdf.add_object(each)

    unused.free = "f"
    pdf.catalog["Wanted"] = wanted.reference
    pdf.add_page(pydyf.Dictionary(page | {"Parent": pdf.pages.reference}))
    into = BytesIO()
    pdf.write(into, version=b"1.7", compress=compress)
    return into.getvalue()


for kind in ("dictionary", "stream"):
    for compress in (False, True):
        unused = pydyf.Stream([b"q Q"]) if kind == "stream" else pydyf.Dictionary({"Says": "/Unused"})
        content = written(unused, compress=compress)
        miner = resolve1(PDFDocument(PDFParser(BytesIO(content))).catalog["Wanted"])["Says"]
        pypdf = PdfReader(BytesIO(content)).root_object["/Wanted"]["/Says"]
        with pikepdf.open(BytesIO(content)) as pdf:
            qpdf, warnings = pdf.Root.Wanted.Says, len(pdf.check_pdf_syntax())
        print(f"{kind} freed, {'compressed' if compress else 'plain'}: qpdf {qpdf} with {warnings} warnings,", end=" ")
        print(f"pypdf {pypdf}, pdfminer /{miner.name}")
PY
venv/bin/python try.py 2>/dev/null | tee seen

cat >expected <<'TXT'
dictionary freed, plain: qpdf /Wanted with 0 warnings, pypdf /Wanted, pdfminer /Wanted
dictionary freed, compressed: qpdf /Wanted with 0 warnings, pypdf /Wanted, pdfminer /Another
stream freed, plain: qpdf /Wanted with 0 warnings, pypdf /Wanted, pdfminer /Wanted
stream freed, compressed: qpdf /Wanted with 1 warnings, pypdf /Wanted, pdfminer /Wanted
TXT
diff -u expected seen && echo "as stated"
