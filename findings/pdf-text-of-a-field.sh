#!/bin/sh
# The value of a text field in forms that ISO 32000 allows: UTF-16, UTF-8, with its language (ESC hi ESC), and as a stream.
# Seen: pikepdf 10.18.0, pypdf 7.1.0 and pdf-lib 1.17.1 keep the language as letters; pdf-lib reads UTF-8 octet by octet;
# of a stream pdf-lib and pdf.js 4.10.38 find nothing, pypdf lists no field of the file at all, and str() of pikepdf's,
# which is the text of the others, describes the object. MuPDF 2.0 reads all four. Expected: one text.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pikepdf==10.18.0 pypdf==7.1.0 pymupdf==2.0
(cd "$folder" && npm install --silent --no-fund --no-audit pdf-lib@1.17.1 pdfjs-dist@4.10.38)

cat >"$folder/try.py" <<'PY'
import sys

import pikepdf
import pymupdf
from pikepdf import Array, Dictionary, Name, String
from pypdf import PdfReader

UTF_16 = "\ufeffकल ₹5".encode("utf-16-be")
VALUES = {
    "utf-16": UTF_16,
    "utf-8": "\ufeffकल ₹5".encode(),
    "language": "\ufeff\x1bhi\x1bकल ₹5".encode("utf-16-be"),
    "stream": UTF_16,
}


def write(name):
    made = pikepdf.new()
    made.add_blank_page()
    value = made.make_stream(VALUES[name]) if name == "stream" else String(VALUES[name])
    kind = {"Type": Name.Annot, "Subtype": Name.Widget, "FT": Name.Tx, "Rect": Array([0, 0, 90, 20])}
    field = made.make_indirect(Dictionary(**kind, T=String("a"), V=value))
    made.Root.AcroForm = Dictionary(Fields=Array([field]))
    made.pages[0].Annots = Array([field])
    made.save(file := f"{sys.argv[1]}/{name}.pdf")
    return file


def by_pikepdf(file):
    with pikepdf.open(file) as read:
        return str(read.Root.AcroForm.Fields[0].V).partition("(")[0]


def by_pypdf(file):
    try:
        return PdfReader(file).get_form_text_fields()["a"]
    except UnicodeDecodeError as error:
        return type(error).__name__


def by_mupdf(file):
    [field] = pymupdf.open(file)[0].widgets()
    return field.field_value


files = [write(name) for name in VALUES]
for read in (by_pikepdf, by_pypdf, by_mupdf):
    print(read.__name__, *(read(file).replace("\x1b", "ESC") for file in files), sep=" | ")
PY

cat >"$folder/try.mjs" <<'JS'
import { readFileSync } from "node:fs";
import { PDFDocument } from "pdf-lib";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

const [byPdfLib, byPdfJs] = [[], []];
for (const name of ["utf-16", "utf-8", "language", "stream"]) {
    const file = readFileSync(`${process.argv[2]}/${name}.pdf`);
    const [field] = (await PDFDocument.load(file)).getForm().getFields();
    byPdfLib.push(String(field.getText()).replaceAll("\x1b", "ESC"));
    const page = await (await getDocument({ data: new Uint8Array(file), verbosity: 0 }).promise).getPage(1);
    byPdfJs.push((await page.getAnnotations())[0].fieldValue || "nothing");
}
console.log(["by_pdf_lib", ...byPdfLib].join(" | "));
console.log(["by_pdf_js", ...byPdfJs].join(" | "));
JS
"$folder/venv/bin/python" "$folder/try.py" "$folder" >"$folder/seen"
node "$folder/try.mjs" "$folder" 2>/dev/null | grep ^by_ >>"$folder/seen"
cat "$folder/seen"

cat >"$folder/expected" <<'TXT'
by_pikepdf | कल ₹5 | कल ₹5 | ESChiESCकल ₹5 | <pikepdf.Stream
by_pypdf | कल ₹5 | कल ₹5 | ESChiESCकल ₹5 | UnicodeDecodeError
by_mupdf | कल ₹5 | कल ₹5 | कल ₹5 | कल ₹5
by_pdf_lib | कल ₹5 | ï»¿à¤Łà¤² â‡¹5 | ESChiESCकल ₹5 | undefined
by_pdf_js | कल ₹5 | कल ₹5 | कल ₹5 | nothing
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
