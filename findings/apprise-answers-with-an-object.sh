#!/bin/sh
# Apprise 2.2.0 answers notify() with an object where it was True, False or None before. Seen: comparisons with the three
# never hold (also == False for a failure), only the object's truth says it; and a tag that no channel has, which was
# None, is as false as a refusal. Code that told the three apart by 'is' takes every alert for sent.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apprise==2.2.0

cat >"$folder/try.py" <<'PY'
import logging

import apprise

logging.disable(logging.CRITICAL)
channels = apprise.Apprise()
channels.add("json://127.0.0.1:9/", tag="ops")
for what, tag in (("nobody answers", "ops"), ("nobody has the tag", "nobody")):
    answer = channels.notify(body="x", tag=tag)
    held = [answer is False, answer == False, answer is None, answer == None]  # noqa: E711, E712
    print(f"{what}: {type(answer).__name__}, is or == False or None {any(held)}, truth {bool(answer)}")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
nobody answers: AppriseResult, is or == False or None False, truth False
nobody has the tag: AppriseResult, is or == False or None False, truth False
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
