"""One host as an ASGI application: recognises requests, and mistreats connections when a fault says so."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from demo.portal.app import Portal, Reply, Visit, endpoint_of
from demo.portal.control import Seen
from demo.portal.faults import Endpoint, Fault, Host, Kind

SERVER = (b"server", b"Apache/2.4.41 (Ubuntu)")
PIECE_BYTES = 16_384


@dataclass
class Site:
    """`stopping` ends every wait at once, so that a slow answer never holds up the end of a test."""

    host: Host
    portal: Portal
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        endpoint = endpoint_of(self.host, request.method, request.url.path, request.query_params)
        store = request.query_params.get("store_code")
        with self.portal.control.request(Seen(self.host, endpoint, store)):
            await self._serve(request, endpoint, store, send)

    async def _serve(self, request: Request, endpoint: Endpoint, store: str | None, send: Send) -> None:
        faults = {fault.kind: fault for fault in self.portal.control.take(endpoint, store)}
        visit = await _visit(request, endpoint, store, tuple(faults.values()))
        await self._wait(self.portal.control.latency_s + _seconds(faults.get(Kind.DELAY)))
        if Kind.DROP in faults or Kind.TAB_ERROR in faults:
            await _hang_up(request)
            return
        reply = self.portal.answer(visit)
        body = b"" if Kind.EMPTY_BODY in faults else reply.body
        await send(_start(reply, body))
        if Kind.CUT in faults:
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await _hang_up(request)
            return
        await self._wait(_seconds(faults.get(Kind.SLOW_BODY)))
        await _send_body(body, send)

    async def _wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


async def _visit(request: Request, endpoint: Endpoint, store: str | None, faults: tuple[Fault, ...]) -> Visit:
    form = {}
    if endpoint is Endpoint.SUBMIT:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    return Visit(endpoint, store, request.cookies, dict(request.query_params), form, faults)


def _seconds(fault: Fault | None) -> float:
    return fault.seconds if fault else 0


def _start(reply: Reply, body: bytes) -> dict[str, object]:
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    if not reply.is_chunked:
        headers.append((b"content-length", str(len(body)).encode()))
    return {"type": "http.response.start", "status": reply.status, "headers": [SERVER, *headers]}


async def _send_body(body: bytes, send: Send) -> None:
    for start in range(0, len(body), PIECE_BYTES):
        await send({"type": "http.response.body", "body": body[start : start + PIECE_BYTES], "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _hang_up(request: Request) -> None:
    """Closes the connection below HTTP, after what has been sent so far; waits until the server has noticed."""
    request.scope["state"]["transport"].close()
    while not await request.is_disconnected():
        await asyncio.sleep(0.002)
