"""The command line that all jobs share, and the one function that turns endings into exit codes."""

from __future__ import annotations

import argparse
import re
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NoReturn, TypeVar

from lib import dates, stop, terminal
from lib.dates import Period
from lib.domain import pipelines
from lib.errors import (
    ExitCode,
    Interrupted,
    InvalidSettings,
    JobError,
    UsageError,
    exit_code,
)
from lib.model import Pipeline
from lib.plural import counted

if TYPE_CHECKING:
    from lib.config import Needs, Settings

Options = Callable[[argparse.ArgumentParser], object]
Work = Callable[["Settings", argparse.Namespace], ExitCode]
NeedsOf = Callable[[argparse.Namespace], "Needs"]
Load = Callable[["Needs"], "Settings"]
Value = TypeVar("Value")


def main(
    job: str,
    doc: str | None,
    *,
    options: Options,
    needs: NeedsOf,
    work: Work,
    name: str | None = None,
    load: Load | None = None,
) -> NoReturn:
    """Run `work` with valid settings and leave the process with its exit code.

    `doc` is the job's docstring and becomes its `--help`; `name` is what log lines call
    `pipeline_name`, by default the job's pipeline, else the job. Log lines always have a `run_id`:
    `--run-id` if the job has that option and it was given.

    `load` reads the settings, by default `config.load`, which refuses what is wrong. A job that
    gives its own also starts when the log cannot be copied to JSON_LOG_FILE.
    """
    stop.end_silently()
    terminal.prepare()
    parser = argparse.ArgumentParser(
        prog=f"python -m jobs.{job}",
        description=doc,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )

    options(parser)

    args, unrecognized = parser.parse_known_args()
    if unrecognized:
        parser.error(_unrecognized(unrecognized))

    args.run_id = getattr(args, "run_id", None) or new_run_id(dates.now())
    args.job = job

    # A core dump would hold secrets and customers' data.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    raise SystemExit(
        _ending(
            name or pipelines.of_job(job) or job,
            args,
            work,
            partial(
                _preflight,
                load,
                needs,
            ),
        )
    )


def new_run_id(at: datetime) -> str:
    """Return a run id for the instant `at`: `YYYYMMDD_HHMMSSffffff` in UTC.

    Source: docs/reference/domain.md#run-summary.
    """
    return f"{at.astimezone(UTC):%Y%m%d_%H%M%S%f}"


def add_stores(parser: argparse.ArgumentParser) -> None:
    """Add `--stores A668,A817`: only these of the configured stores."""
    parser.add_argument(
        "--stores",
        metavar="CODES",
        type=_codes,
        default=(),
        help="only these of the configured stores: A668,A817",
    )


def add_run_id(parser: argparse.ArgumentParser) -> None:
    """Add `--run-id ID`."""
    parser.add_argument(
        "--run-id",
        metavar="ID",
        type=_run_id,
        help="name the run (default: its start in UTC)",
    )


def add_switch(
    parser: argparse.ArgumentParser,
    flag: str,
    meaning: str,
) -> None:
    """Add a flag that is off unless given."""
    parser.add_argument(flag, action="store_true", help=meaning)


def add_day(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add `--date 2025-11-14`."""
    parser.add_argument(
        "--date",
        metavar="DAY",
        type=_readable(dates.parse_day),
        help=meaning,
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add `--date` and `--period`, of which one names the report: a day, a week or a month."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--date",
        metavar="DAY",
        type=_readable(dates.parse_day),
        help="the daily report of a day, like 2025-11-14 (default: yesterday)",
    )
    which.add_argument(
        "--period",
        metavar="PERIOD",
        type=_readable(_week_or_month),
        help="the weekly report of 2025-W46, or the monthly one of 2025-10",
    )


def _week_or_month(text: str) -> tuple[Pipeline, Period]:
    """Return which report a period names. Raise UsageError for anything else."""
    if "W" in text:
        return Pipeline.WEEKLY, dates.parse_week(text)

    # A day is in a week and in a month.
    if text.count("-") > 1:
        raise UsageError("a period is a week like 2025-W46 or a month like 2025-10")

    return Pipeline.MONTHLY, dates.parse_month(text)


def add_period(
    parser: argparse.ArgumentParser,
    meaning: str,
    parse: Callable[[str], Period],
) -> None:
    """Add the options that the weekly and the monthly job share; `parse` reads `--period`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--period",
        metavar="PERIOD",
        type=_readable(parse),
        help=f"only {meaning}",
    )

    which.add_argument(
        "--since",
        metavar="DATE",
        type=_readable(dates.parse_day),
        help="catch up from this day on, however long ago",
    )

    add_stores(parser)
    add_switch(
        parser,
        "--dry-run",
        "print what would be made and what is left out, and why; make nothing",
    )

    add_switch(
        parser,
        "--force",
        "make the closed --period again and mail it again",
    )

    add_switch(parser, "--no-notify", "send no mail")


def period_needs(args: argparse.Namespace) -> Needs:
    """Return what the weekly and the monthly job need.

    Raise UsageError for `--force` without a period.
    """
    from lib.config import Need

    if args.force and args.period is None:
        raise UsageError("--force makes one closed period again: say which with --period")

    mail = set() if args.dry_run or args.no_notify else {Need.MAIL}
    return {Need.DATABASE, Need.REPORT_STORES} | mail


def chosen(codes: tuple[str, ...], selection: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of `codes` that `--stores` selects, or all without it.

    Raise UsageError if it selects another store.
    """
    unknown = []

    for code in selection:
        if code not in codes:
            unknown.append(code)

    if unknown:
        raise UsageError(
            f"--stores names {', '.join(unknown)}, but the configured stores are {', '.join(codes)}"
        )

    if not selection:
        return codes

    found = []

    for code in codes:
        if code in selection:
            found.append(code)

    return tuple(found)


def _unrecognized(arguments: list[str]) -> str:
    """Return a message that names flags without their values, and no other word.

    argparse would quote a password that was given by mistake.
    """
    named = []
    words = 0

    for argument in arguments:
        if argument.startswith("-"):
            named.append(argument.partition("=")[0])
        else:
            words += 1

    if words == 1:
        named.append("1 word that is no flag")
    elif words:
        named.append(f"{words} words that are no flag")

    return f"unrecognized arguments: {', '.join(named)}"


def _readable(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """Return `parse` with its UsageError as the error that argparse prints."""

    def read(text: str) -> Value:
        try:
            return parse(text)
        except UsageError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _codes(text: str) -> tuple[str, ...]:
    codes = []

    for part in text.split(","):
        codes.append(part.strip().upper())

    codes = list(filter(None, codes))

    # A list without a name is a slip, such as an empty variable in a script: never "all"
    # (lesson 77).
    if not codes:
        raise argparse.ArgumentTypeError("name at least one store, or leave the flag out for all")

    return tuple(codes)


def _run_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            "a run id has 1 to 64 letters, digits, dots, dashes or underscores "
            "and begins with a letter or digit"
        )

    return text


def _ending(
    name: str,
    args: argparse.Namespace,
    work: Work,
    preflight: Callable[[argparse.Namespace], Settings],
) -> ExitCode:
    from lib import log, pings

    log.start(
        pipeline_name=name,
        run_id=args.run_id,
        aside=getattr(
            args,
            "json",
            False,
        ),
    )

    log.catch_strays()

    try:
        stop.listen()
        settings = preflight(args)

        # A dry run says nothing about whether the job works.
        is_dry_run = getattr(args, "dry_run", False)
        url = None if is_dry_run else settings.health_checks.get(args.job)

        return pings.watched(url, partial(work, settings, args))
    except InvalidSettings as error:
        for problem in error.problems:
            log.error(problem)

        problems = counted(len(error.problems), "problem")
        log.error(f"refused before any work: {problems} with the settings")

        return error.exit_code
    except JobError as error:
        log.error(str(error), error=error)
        return error.exit_code
    except Interrupted as error:
        log.error(str(error), error=error)
        stop.exit_now(error.exit_code)
    except Exception as error:  # noqa: BLE001 - a bug has an exit code and no traceback
        code = exit_code(error)
        log.error(_LAST_WORDS.get(code, "unexpected error; this is a bug"), error=error)

        return code


_LAST_WORDS = {
    ExitCode.TEMPORARY: (
        "the machine is out of disk space, memory or files; make room, then run again"
    ),
    ExitCode.CONFIGURATION: (
        "this user may not write where the run must; look at the owners of the volumes"
    ),
}


def _preflight(
    load: Load | None,
    needs: NeedsOf,
    args: argparse.Namespace,
) -> Settings:
    from lib import config, log

    settings = (load or config.load)(needs(args))
    log.write_commands(settings.job_command)

    try:
        if settings.json_log_file:
            log.copy_to(settings.json_log_file, retention_days=settings.log_retention_days)
    except JobError as error:
        if not load:
            raise

        log.warning(str(error))

    for text in settings.warnings:
        log.warning(text)

    return settings
