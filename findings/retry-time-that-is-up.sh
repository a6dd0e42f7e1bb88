#!/bin/sh
# A call that always fails is tried for 1 s at most, 0.7 s apart. Seen: stamina 26.1.0 (timeout, "maximum total time") and
# tenacity 9.2.1 (stop_after_delay) begin an attempt after 1.4 s; tenacity's stop_before_delay gives up after 0.7 s; backoff
# 2.2.1 (max_time) shortens the last wait and tries at 1 s. Expected: nothing begins when the time is up.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check stamina==26.1.0 tenacity==9.2.1 backoff==2.2.1

cat >"$folder/try.py" <<'PY'
import logging
import time

import backoff
import stamina
import tenacity

logging.disable(logging.CRITICAL)
RETRIES = {
    "stamina timeout": stamina.retry(on=OSError, attempts=None, timeout=1, wait_initial=0.7, wait_max=0.7, wait_jitter=0),
    "tenacity stop_after_delay": tenacity.retry(stop=tenacity.stop_after_delay(1), wait=tenacity.wait_fixed(0.7)),
    "tenacity stop_before_delay": tenacity.retry(stop=tenacity.stop_before_delay(1), wait=tenacity.wait_fixed(0.7)),
    "backoff max_time": backoff.on_exception(backoff.constant, OSError, interval=0.7, max_time=1, jitter=None),
}
for name, retry in RETRIES.items():
    began_at = []

    @retry
    def fail():
        began_at.append(time.monotonic())
        raise OSError

    try:
        fail()
    except (OSError, tenacity.RetryError):
        last = began_at[-1] - began_at[0]
        when = "before" if last < 0.95 else "after" if last > 1.3 else "when"
        print(f"{name}: {len(began_at)} attempts, the last {when} the time was up")
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
stamina timeout: 3 attempts, the last after the time was up
tenacity stop_after_delay: 3 attempts, the last after the time was up
tenacity stop_before_delay: 2 attempts, the last before the time was up
backoff max_time: 3 attempts, the last when the time was up
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
