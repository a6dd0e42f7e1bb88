#!/bin/sh
# Three libraries that take the new text out of a reply, asked about what owners of shops answer to a report. Seen: for
# mail-parser-reply 1.36 what follows a line that begins with a hyphen is a signature, and so are a list and what was
# refunded; email-reply-parser 0.5.12 takes the hyphen for one where no blank follows. "On hold: …, customer wrote:" is
# the head of a quotation for all three: email-reply-parser returns nothing at all, quotequail 0.5.4 takes the rest for
# quoted, mail-parser-reply drops that line alone. Expected: what the person wrote.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mail-parser-reply==1.36 email-reply-parser==0.5.12 \
    quotequail==0.5.4

cat >"$folder/try.py" <<'PY'
import quotequail
from email_reply_parser import EmailReplyParser
from mailparser_reply import EmailReplyParser as MailParserReply

QUOTED = "\n\nOn Fri, 14 Nov 2025 at 08:00, Store <store@example.invalid> wrote:\n> The report\n"
REPLIES = {
    "one line": "T1346 is done" + QUOTED,
    "a list": "Today:\n\n- T1346 is done\n- T1347 tomorrow" + QUOTED,
    "refunds": "Refunds:\n\n-500 for T1346\n-200 for T1347" + QUOTED,
    "on hold": "On hold: T1346, customer wrote:\nring me\n\nT1347 is done" + QUOTED,
}


def by_quotequail(reply):
    new = "".join(text for is_new, text in quotequail.quote(reply) if is_new)
    return new.partition("\n\nOn Fri")[0]


for name, reply in REPLIES.items():
    read = {
        "email-reply-parser": EmailReplyParser.parse_reply(reply),
        "mail-parser-reply": MailParserReply(languages=["en"]).read(reply).replies[0].body,
        "quotequail": by_quotequail(reply),
    }
    written = reply.removesuffix(QUOTED)
    for library, text in read.items():
        print(f"{name}, {library}: {'what was written' if text.strip() == written else repr(text)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
one line, email-reply-parser: what was written
one line, mail-parser-reply: what was written
one line, quotequail: what was written
a list, email-reply-parser: what was written
a list, mail-parser-reply: 'Today:'
a list, quotequail: what was written
refunds, email-reply-parser: 'Refunds:'
refunds, mail-parser-reply: 'Refunds:'
refunds, quotequail: what was written
on hold, email-reply-parser: ''
on hold, mail-parser-reply: 'ring me\n\nT1347 is done'
on hold, quotequail: 'On hold: T1346, customer wrote:'
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
