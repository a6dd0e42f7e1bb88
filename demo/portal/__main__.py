"""Runs the portal simulator until Ctrl-C.

For a developer, or for a bench that wants it in a process of its own.

Example: python -m demo.portal --stores 16 --seed 1 --port 8801
"""

import argparse
import json
import signal
import sys
from datetime import date

from demo.portal.server import PASSWORD, USERNAME, RunningPortal, run_portal
from demo.portal.world import World


def main() -> None:
    options = _options()
    world = World(options.stores, options.seed, options.scale, options.anomaly_rate)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})

    with run_portal(
        world,
        today=options.today,
        latency_s=options.latency_ms / 1000,
        username=options.username,
        password=options.password,
        port=options.port,
        is_warm=options.warm,
    ) as portal:
        if options.until_stdin_closes:
            print(json.dumps(_announcement(portal)), flush=True)
            sys.stdin.read()
        else:
            _print_settings(portal)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _options() -> argparse.Namespace:
    summary, _, example = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m demo.portal",
        description=summary,
        epilog=example,
    )
    parser.add_argument("--stores", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help="multiplies the number of rows",
    )
    parser.add_argument(
        "--anomaly-rate",
        type=float,
        default=World.anomaly_rate,
        help="share of odd rows; 0: none",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=0,
        help="of both hosts; 0: any free one",
    )
    parser.add_argument(
        "--today",
        type=date.fromisoformat,
        help="the portal's day; default: the real one in India",
    )
    parser.add_argument(
        "--latency-ms",
        type=float,
        default=0,
        help="before every answer",
    )
    parser.add_argument(
        "--warm",
        action="store_true",
        help="work out all of today's pages first",
    )
    parser.add_argument("--username", default=USERNAME)
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="for a parent process: speak JSON, end with it",
    )

    return parser.parse_args()


def _announcement(portal: RunningPortal) -> dict[str, str]:
    return {
        "base_url": portal.base_url,
        "tms_base": portal.tms_base,
        "control_url": portal.control_url,
        "username": portal.username,
        "password": portal.password,
    }


def _print_settings(portal: RunningPortal) -> None:
    print(
        f"# The portal of {len(portal.world.codes)} stores is up; Ctrl-C stops it."
        " Point a job at it with:"
    )

    for name, value in portal.settings.items():
        print(f"export {name}={value}")

    print(f"# Its faults and counters: curl {portal.control_url}", flush=True)


if __name__ == "__main__":
    main()
