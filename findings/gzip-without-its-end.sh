#!/bin/sh
# A gzip body that ends early although its Content-Length is met: without its check sum, or cut in the middle by a server
# that compressed what a dying program gave it. Seen: httpx 0.28.1, requests 2.34.2, aiohttp 3.14.5 and urllib3 2.8.0
# take both for whole and return what there is; Python's own gzip module raises EOFError for both.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check httpx==0.28.1 requests==2.34.2 aiohttp==3.14.5 urllib3==2.8.0

cat >"$folder/try.py" <<'PY'
import asyncio
import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import requests
import urllib3

TEXT = b"".join(b"T%06d,%d\n" % (number, number) for number in range(3000))
WHOLE = gzip.compress(TEXT, mtime=0)
BODIES = {"/whole": WHOLE, "/no-check-sum": WHOLE[:-8], "/middle": WHOLE[: len(WHOLE) // 2]}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = BODIES[self.path]
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


async def by_aiohttp(url):
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()


def by_python(url):
    body = urllib3.request("GET", url, decode_content=False).data
    return gzip.decompress(body)


READERS = {
    "httpx": lambda url: httpx.get(url, trust_env=False).content,
    "requests": lambda url: requests.get(url).content,
    "aiohttp": lambda url: asyncio.run(by_aiohttp(url)),
    "urllib3": lambda url: urllib3.request("GET", url).data,
    "gzip": by_python,
}
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for path in BODIES:
    for name, read in READERS.items():
        try:
            text = read(f"http://127.0.0.1:{server.server_port}{path}")
            seen = "everything" if text == TEXT else "a part" if TEXT.startswith(text) else "something else"
        except Exception as error:
            seen = type(error).__name__
        print(f"{path} {name}: {seen}")
PY
NO_PROXY=127.0.0.1 "$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
/whole httpx: everything
/whole requests: everything
/whole aiohttp: everything
/whole urllib3: everything
/whole gzip: everything
/no-check-sum httpx: everything
/no-check-sum requests: everything
/no-check-sum aiohttp: everything
/no-check-sum urllib3: everything
/no-check-sum gzip: EOFError
/middle httpx: a part
/middle requests: a part
/middle aiohttp: a part
/middle urllib3: a part
/middle gzip: EOFError
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
