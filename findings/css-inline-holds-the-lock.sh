#!/bin/sh
# css-inline 0.24.0 fetches a page's style sheet from a server that needs two seconds. Seen: meanwhile no other thread of
# the process runs, so a bar, a heartbeat or a second mail stands still. Expected: the lock is given back while a socket
# waits, as urllib does it here.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check css-inline==0.24.0

cat >"$folder/try.py" <<'PY'
import subprocess
import sys
import threading
from urllib.request import urlopen

import css_inline

SERVER = """
import http.server, time
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        time.sleep(2)
        self.send_response(200); self.send_header("Content-Length", "12"); self.end_headers()
        self.wfile.write(b"p{color:red}")
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def ticks_during(action):
    ticks, over = 0, threading.Event()

    def tick():
        nonlocal ticks
        while not over.wait(0.05):
            ticks += 1

    thread = threading.Thread(target=tick)
    thread.start()
    action()
    over.set()
    thread.join()
    return "runs" if ticks > 10 else "stands still"


server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
try:
    sheet = f"http://127.0.0.1:{server.stdout.readline().strip()}/a.css"
    page = f'<html><head><link rel="stylesheet" href="{sheet}"></head><body><p>x</p></body></html>'
    print("urllib: another thread", ticks_during(lambda: urlopen(sheet).read()))
    print("css-inline: another thread", ticks_during(lambda: css_inline.inline(page)))
finally:
    server.kill()
    server.wait()
PY
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
urllib: another thread runs
css-inline: another thread stands still
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
