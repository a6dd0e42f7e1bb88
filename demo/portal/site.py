"""One host as an ASGI application.

Recognises requests, and mistreats connections when a fault says so.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from demo.portal.app import Portal
from demo.portal.control import Seen
from demo.portal.faults import Endpoint, Host, Kind
from demo.portal.storage_state import TMS_SESSION
from demo.portal.visits import Reply, Visitor, endpoint_of

SERVER = (b"server", b"Apache/2.4.41 (Ubuntu)")
PIECE_BYTES = 16_384


@dataclass
class Site:
    """`stopping` ends every wait at once: a slow answer never holds up the end of a test."""

    host: Host
    portal: Portal
    stopping: asyncio.Event
    session_locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        endpoint = endpoint_of(
            self.host,
            request.method,
            request.url.path,
            request.query_params,
        )

        store = request.query_params.get("store_code")
        with self.portal.control.request(Seen(self.host, endpoint, store)):
            visit = await self._visit(request, endpoint, store)
            is_complete = await self._serve(visit, request, send)

        if not is_complete:
            await _hang_up(request)

    async def _visit(self, request: Request, endpoint: Endpoint, store: str | None) -> Visitor:
        faults = tuple(self.portal.control.take(endpoint, store))
        form = dict(
            parse_qsl(
                (await request.body()).decode(),
                keep_blank_values=True,
            )
        )

        return Visitor(
            endpoint,
            store,
            request.cookies,
            request.query_params,
            form,
            faults,
        )

    async def _serve(self, visit: Visitor, request: Request, send: Send) -> bool:
        """Whether the answer was sent to its end; if not, the connection is of no more use."""
        control = self.portal.control
        works_s = control.latency_of(
            visit.endpoint,
            visit.store,
        ) + visit.seconds(Kind.DELAY)

        if control.session_lock and self.host is Host.TMS and TMS_SESSION in visit.cookies:
            if not await self._work_alone(visit.cookies[TMS_SESSION], works_s):
                return False
        elif not await self._pause(works_s, request):
            return False

        if visit.fault(Kind.DROP) or visit.fault(Kind.TAB_ERROR):
            return False

        reply = self.portal.answer(visit)
        body = b"" if visit.fault(Kind.EMPTY_BODY) else reply.body
        await send(_start(reply, body))

        if visit.fault(Kind.CUT):
            await send(
                {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            )
            return False

        if visit.seconds(Kind.SLOW_BODY):
            await send({"type": "http.response.body", "body": b"", "more_body": True})

        if not await self._pause(visit.seconds(Kind.SLOW_BODY), request):
            return False

        await _send_body(body, send)
        return True

    async def _work_alone(self, session: str, seconds: float) -> bool:
        """Hold the session for as long as the work takes, whether or not the client is still there.

        False when the simulator stops meanwhile.
        """
        async with self.session_locks.setdefault(session, asyncio.Lock()):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), seconds)
        return not self.stopping.is_set()

    async def _pause(self, seconds: float, request: Request) -> bool:
        """False when the client has gone away meanwhile.

        What nobody waits for is no longer in flight.
        """
        if seconds <= 0:
            return True

        gone = asyncio.create_task(_disconnect(request))
        stopping = asyncio.create_task(self.stopping.wait())
        await asyncio.wait(
            {gone, stopping},
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )

        has_client = not gone.done()
        gone.cancel()
        stopping.cancel()

        return has_client


async def _disconnect(request: Request) -> None:
    """Returns when the client closes; the request's own body must have been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _start(reply: Reply, body: bytes) -> dict[str, object]:
    headers = []

    for name, value in reply.headers:
        headers.append((name.encode(), value.encode()))

    if not reply.is_chunked:
        headers.append((b"content-length", str(len(body)).encode()))

    return {"type": "http.response.start", "status": reply.status, "headers": [SERVER, *headers]}


async def _send_body(body: bytes, send: Send) -> None:
    for start in range(0, len(body), PIECE_BYTES):
        await send(
            {
                "type": "http.response.body",
                "body": body[start : start + PIECE_BYTES],
                "more_body": True,
            }
        )

    await send({"type": "http.response.body", "body": b""})


async def _hang_up(request: Request) -> None:
    """Closes the connection below HTTP, after what has been sent so far.

    Waits until the server has noticed.
    """
    request.scope["state"]["transport"].close()
    await _disconnect(request)
