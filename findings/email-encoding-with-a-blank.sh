#!/bin/sh
# A blank or a comment behind `base64` in Content-Transfer-Encoding, as RFC 2045 allows. Seen: Python 3.11's email and
# imap-tools 1.16.0, which stands on it, hand on the letters of base64 as the attachment, without a word or a defect;
# postal-mime 4.0.0 and mailparser 3.14.2 of npm decode it. Expected: decoded, or a defect.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imap-tools==1.16.0
(cd "$folder" && npm install --silent --no-fund --no-audit postal-mime@4.0.0 mailparser@3.14.2)

cat >"$folder/try.py" <<'PY'
import sys
from email import message_from_bytes
from pathlib import Path

from imap_tools import MailMessage

LINES = (
    b"From: owner@example.invalid\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: application/pdf; name=form.pdf\r\nContent-Transfer-Encoding: %s\r\n\r\n"
    b"JVBERi0xLjc=\r\n--B--\r\n"
)
for number, encoding in enumerate(("base64", "base64 ", "base64 (as ever)")):
    mail = LINES % encoding.encode()
    Path(sys.argv[1], f"{number}.eml").write_bytes(mail)
    [part] = message_from_bytes(mail).get_payload()
    [attachment] = MailMessage.from_bytes(mail).attachments
    print(f"{encoding!r}: email {part.get_payload(decode=True).strip().decode()} {part.defects},", end=" ")
    print(f"imap-tools {attachment.payload.strip().decode()}")
PY

cat >"$folder/try.mjs" <<'JS'
import { readFileSync } from "node:fs";
import PostalMime from "postal-mime";
import { simpleParser } from "mailparser";

for (const number of [0, 1, 2]) {
    const mail = readFileSync(`${process.argv[2]}/${number}.eml`);
    const [first] = (await PostalMime.parse(mail)).attachments;
    const [second] = (await simpleParser(mail)).attachments;
    console.log(`${number}: postal-mime ${Buffer.from(first.content)}, mailparser ${second.content}`);
}
JS
"$folder/venv/bin/python" "$folder/try.py" "$folder" >"$folder/seen"
node "$folder/try.mjs" "$folder" >>"$folder/seen"
cat "$folder/seen"

cat >"$folder/expected" <<'TXT'
'base64': email %PDF-1.7 [], imap-tools %PDF-1.7
'base64 ': email JVBERi0xLjc= [], imap-tools JVBERi0xLjc=
'base64 (as ever)': email JVBERi0xLjc= [], imap-tools JVBERi0xLjc=
0: postal-mime %PDF-1.7, mailparser %PDF-1.7
1: postal-mime %PDF-1.7, mailparser %PDF-1.7
2: postal-mime %PDF-1.7, mailparser %PDF-1.7
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
