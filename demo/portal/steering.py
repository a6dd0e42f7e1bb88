"""The control over HTTP, for a portal in another process.

JSON on a port of its own, never on the portal's hosts.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demo.portal.control import Control
from demo.portal.faults import Endpoint, Fault, Host
from demo.portal.storage_state import storage_state

PATH = "/_control"

#: Commands that set one thing to `value`.
SWITCHES: dict[str, Callable[[Control, Any], None]] = {
    "set_real_latencies": lambda control, value: control.set_real_latencies(float(value)),
    "set_session_lock": lambda control, value: control.set_session_lock(bool(value)),
    "set_one_tms_session": lambda control, value: control.set_one_tms_session(bool(value)),
}


def steering_app(control: Control) -> Starlette:
    """GET tells the state.

    POST `{"command": ..., ...}` runs one command of COMMANDS and tells the state.
    """

    async def state(_request: Request) -> JSONResponse:
        return JSONResponse(state_of(control))

    async def command(request: Request) -> JSONResponse:
        order = await request.json()

        try:
            answer = run_command(control, order)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse(
                {"error": f"{type(error).__name__}: {error}"},
                status_code=400,
            )

        return JSONResponse(answer)

    return Starlette(
        routes=[
            Route(
                PATH,
                state,
                methods=["GET"],
            ),
            Route(
                PATH,
                command,
                methods=["POST"],
            ),
        ]
    )


def run_command(control: Control, order: dict[str, Any]) -> dict[str, Any]:
    """The answer of one command.

    The state afterwards, or the saved browser state that was asked for.
    """
    match order:
        case {"command": "add", "faults": list(faults)}:
            control.add(*(Fault.from_json(fault) for fault in faults))
        case {"command": str(command), "value": value} if command in SWITCHES:
            SWITCHES[command](control, value)
        case {"command": "clear" | "expire_tms" | "expire_simplify" | "reset_counters" as name}:
            getattr(control, name)()
        case {"command": "set_today", "today": today}:
            control.set_today(date.fromisoformat(today) if today else None)
        case {"command": "set_latency", "latency_s": latency_s}:
            control.set_latency(float(latency_s))
        case {"command": "expire_tms_after", "requests": requests}:
            control.expire_tms_after(int(requests))
        case {"command": "storage_state", "tms": bool(tms)}:
            return storage_state(control, tms=tms)
        case _:
            raise ValueError(f"unknown command or missing argument: {sorted(order)}")

    return state_of(control)


def state_of(control: Control) -> dict[str, Any]:
    return {
        "today": control.today.isoformat(),
        "latency_s": control.latency_s,
        "session_lock": control.session_lock,
        "faults": [fault.as_json() for fault in control.faults()],
        "requests": {
            endpoint: count for endpoint in Endpoint if (count := control.requests(endpoint))
        },
        "login_submissions": control.login_submissions,
        "hops": control.hops,
        "high_water": {host: control.high_water(host) for host in Host},
    }
