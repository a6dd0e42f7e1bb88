"""Reads the YAML file of `jobs.notifications_sync`, checks it as a whole and makes rows of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from lib.domain.stores import ALL
from lib.errors import ConfigurationError
from lib.model import Pipeline
from lib.notify.message import templates
from lib.notify.message.template_process import render
from lib.notify.model.addresses import InvalidAddress, checked
from lib.notify.model.rows import ANY_ENV, RUN_ENVS, AttachMode, Facts, RunSummaryRow, Scope, SendAs
from lib.notify.plan import attachments
from lib.notify.plan.template_variables import template_variables
from lib.notify.sync.diff import ConfigurationRow, Table, Value

MAX_FILE_BYTES = 2_000_000
_ENVS = (ANY_ENV, *sorted(RUN_ENVS))
_PIPELINE = ("description", "profiles")
_PROFILE = (
    "code",
    "env",
    "description",
    "scope",
    "attach",
    "resend_uncertain",
    "subject",
    "body",
    "recipients",
)
_RECIPIENT = ("address", "as", "store", "env", "name")


class InvalidNotificationsFile(ConfigurationError):
    """The file cannot be applied; the text names every problem and where it is."""

    def __init__(
        self,
        file: Path,
        problems: list[str],
    ) -> None:
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"{file} cannot be applied:\n{lines}")


def read_notifications_file(file: Path) -> list[ConfigurationRow]:
    """Return the rows that the file asks for.

    Raise InvalidNotificationsFile with all problems at once if it has any.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)

        if len(data) > MAX_FILE_BYTES:
            raise InvalidNotificationsFile(
                file,
                [f"it has more than {MAX_FILE_BYTES} bytes"],
            )

        # Safe: no tag of the file makes an object of Python.
        content = yaml.safe_load(data)
    except OSError as error:
        problem = error.strerror or "it cannot be read"
        raise InvalidNotificationsFile(file, [problem]) from error
    except (
        yaml.YAMLError,
        UnicodeDecodeError,
        RecursionError,
        ValueError,
    ) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise InvalidNotificationsFile(file, [f"it is not YAML{where}"]) from None

    reader = _FileReader()
    rows = list(reader.pipelines(content))

    if reader.problems:
        raise InvalidNotificationsFile(file, reader.problems)

    return rows


class _FileReader:
    """Makes rows of the parsed file and collects what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._seen: set[tuple[Table, tuple[str, ...]]] = set()

    def pipelines(self, content: Any) -> Iterator[ConfigurationRow]:
        codes = ", ".join(Pipeline)
        if not isinstance(content, Mapping) or not content:
            self.problems.append(f"it must map pipeline codes ({codes}) to what they tell whom")
            return

        for code, given in content.items():
            if code not in set(Pipeline):
                self.problems.append(
                    f"{code}: no job has this pipeline code; it must be one of {codes}"
                )
            elif known := self._mapping(given, str(code), _PIPELINE):
                values = {"description": self._text(known, "description", code)}
                yield self._row(
                    Table.PIPELINES,
                    (str(code),),
                    values,
                )

                for number, profile in enumerate(
                    self._list(
                        known,
                        "profiles",
                        code,
                    ),
                    1,
                ):
                    yield from self._profile(
                        str(code),
                        f"{code}, profile {number}",
                        profile,
                    )

    def _profile(
        self,
        pipeline: str,
        where: str,
        given: Any,
    ) -> Iterator[ConfigurationRow]:
        known = self._mapping(given, where, _PROFILE)
        if not known:
            return

        code = self._text(known, "code", where)
        env = self._choice(
            known,
            "env",
            _ENVS,
            where,
            ANY_ENV,
        )
        scope = self._choice(
            known,
            "scope",
            tuple(Scope),
            where,
        )
        attach = self._choice(
            known,
            "attach",
            tuple(AttachMode),
            where,
        )
        self._check_together(scope, attach, where)

        resend = known.get("resend_uncertain", False)
        if not isinstance(resend, bool):
            self.problems.append(f"{where}: resend_uncertain must be true or false")

        key = (pipeline, code, env)
        values: dict[str, Value] = {
            "description": self._text(known, "description", where),
            "scope": scope,
            "attach_mode": attach,
            "is_active": True,
            "resend_uncertain": bool(resend),
        }

        yield self._row(
            Table.PROFILES,
            key,
            values,
            where,
        )
        yield self._template(key, scope, known, where)

        for number, recipient in enumerate(
            self._list(
                known,
                "recipients",
                where,
            ),
            1,
        ):
            yield from self._recipient(key, f"{where}, recipient {number}", recipient)

    def _check_together(
        self,
        scope: str,
        attach: str,
        where: str,
    ) -> None:
        if scope and attach:
            problem = attachments.contradiction(Scope(scope), AttachMode(attach))
            if problem:
                self.problems.append(f"{where}: {problem}")

    def _template(
        self,
        key: tuple[str, ...],
        scope: str,
        known: Mapping[str, Any],
        where: str,
    ) -> ConfigurationRow:
        texts = {
            what: self._text(
                known,
                what,
                where,
            )
            for what in ("subject", "body")
        }

        for what, text in texts.items():
            try:
                render(text, _example(scope), what)
            except templates.TemplateProblem as problem:
                self.problems.append(f"{where}: {problem}")

        values: dict[str, Value] = {
            "subject_template": texts["subject"],
            "body_template": texts["body"],
            "is_active": True,
        }

        return self._row(
            Table.TEMPLATES,
            (*key, "default"),
            values,
            where,
        )

    def _recipient(
        self,
        profile: tuple[str, ...],
        where: str,
        given: Any,
    ) -> Iterator[ConfigurationRow]:
        known = self._mapping(given, where, _RECIPIENT)
        if not known:
            return

        try:
            address = checked(
                self._text(
                    known,
                    "address",
                    where,
                ),
                str(known.get("name") or ""),
            )
        except InvalidAddress as error:
            self.problems.append(f"{where}: {error}")
            return

        env = self._choice(
            known,
            "env",
            _ENVS,
            where,
            ANY_ENV,
        )
        send_as = self._choice(
            known,
            "as",
            tuple(SendAs),
            where,
            SendAs.TO,
        )
        # Codes are compared in upper case everywhere.
        store = str(known.get("store") or "").strip().upper()
        key = (
            *profile,
            store,
            env,
            address.mailbox.lower(),
        )

        values: dict[str, Value] = {
            "send_as": send_as,
            "display_name": address.display_name or None,
            "is_active": True,
        }

        yield self._row(
            Table.RECIPIENTS,
            key,
            values,
            where,
        )

    def _row(
        self,
        table: Table,
        key: tuple[str, ...],
        values: Mapping[str, Value],
        where: str = "",
    ) -> ConfigurationRow:
        if (table, key) in self._seen:
            self.problems.append(f"{where}: it is there twice")

        self._seen.add((table, key))
        return ConfigurationRow(table, key, values)

    def _mapping(
        self,
        given: Any,
        where: str,
        names: tuple[str, ...],
    ) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            self.problems.append(f"{where}: it must have {', '.join(names)}")
            return {}

        unknown = sorted(str(name) for name in given if name not in names)
        if unknown:
            self.problems.append(
                f"{where}: unknown {', '.join(unknown)}; known are {', '.join(names)}"
            )

        return given

    def _list(
        self,
        known: Mapping[str, Any],
        name: str,
        where: object,
    ) -> list[Any]:
        value = known.get(name) or []
        if not isinstance(value, list):
            self.problems.append(f"{where}: {name} must be a list")
            return []

        return value

    def _text(
        self,
        known: Mapping[str, Any],
        name: str,
        where: object,
    ) -> str:
        value = known.get(name)
        if not isinstance(value, str) or not value.strip():
            self.problems.append(f"{where}: {name} must be a text")
            return ""

        return value.strip() if name != "body" else value.rstrip()

    def _choice(
        self,
        known: Mapping[str, Any],
        name: str,
        options: tuple[str, ...],
        where: str,
        default: str = "",
    ) -> str:
        value = known.get(name, default)
        if value not in options:
            self.problems.append(f"{where}: {name} must be one of {', '.join(options)}")
            return default

        return str(value)


def _example(scope: str) -> Mapping[str, Any]:
    """Return what a template of this scope may name, filled with anything."""
    at = datetime(2025, 11, 15, tzinfo=UTC)
    run = RunSummaryRow(
        pipeline_name=Pipeline.DAILY,
        run_id="example",
        run_env="dev",
        report_on=date(2025, 11, 14),
        overall_status="ok",
        summary_text="Status: ok",
        started_at=at,
        finished_at=at,
        total_time_taken="00:00:00",
    )
    facts = Facts(
        run.pipeline_name,
        run.run_id,
        "",
        run,
    )
    store = {Scope.STORE: "A668", Scope.COMBINED: ALL}.get(Scope(scope)) if scope else None

    return template_variables(facts, run, store)
