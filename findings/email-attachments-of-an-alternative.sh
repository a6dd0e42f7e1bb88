#!/bin/sh
# A PDF in a mail as mail programs put it: between two texts inside multipart/alternative, as the whole mail, or without a
# name. Seen: iter_attachments of Python 3.11 finds none in the first two; imap-tools 1.16.0 and mail-parser 4.8.0 find
# none in the third. Expected: each finds all three, as walk() does.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check imap-tools==1.16.0 mail-parser==4.8.0

cat >"$folder/try.py" <<'PY'
from email import message_from_bytes, policy

import mailparser
from imap_tools import MailMessage

HEAD = b"From: owner@example.invalid\r\nMIME-Version: 1.0\r\n"
PDF = b"Content-Type: application/pdf%s\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjc=\r\n"
NAMED, NAMELESS = PDF % b"; name=form.pdf", PDF % b""
TEXT = b"Content-Type: text/html\r\n\r\n<p>done</p>\r\n"


def parts(kind, boundary, *inner):
    begin = b"Content-Type: multipart/%s; boundary=%s\r\n\r\n" % (kind, boundary)
    return begin + b"".join(b"--%s\r\n%s" % (boundary, part) for part in inner) + b"--%s--\r\n" % boundary


MAILS = {
    "attached": parts(b"mixed", b"A", TEXT, NAMED),
    "in an alternative": parts(b"alternative", b"A", TEXT, parts(b"mixed", b"B", TEXT, NAMED, TEXT)),
    "the whole mail": NAMED,
    "without a name": parts(b"mixed", b"A", TEXT, NAMELESS),
}
for name, content in MAILS.items():
    mail = HEAD + content
    message = message_from_bytes(mail, policy=policy.default)
    found = {
        "walk": [part for part in message.walk() if part.get_content_type() == "application/pdf"],
        "iter_attachments": list(message.iter_attachments()),
        "imap-tools": MailMessage.from_bytes(mail).attachments,
        "mail-parser": mailparser.parse_from_bytes(mail).attachments,
    }
    print(name + ":", *(f"{reader} {len(of)}" for reader, of in found.items()))
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
attached: walk 1 iter_attachments 1 imap-tools 1 mail-parser 1
in an alternative: walk 1 iter_attachments 0 imap-tools 1 mail-parser 1
the whole mail: walk 1 iter_attachments 0 imap-tools 1 mail-parser 1
without a name: walk 1 iter_attachments 1 imap-tools 0 mail-parser 0
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
