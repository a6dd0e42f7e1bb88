"""Reads the YAML file of `jobs.notifications_sync`, checks it as a whole and makes rows of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
from lib.notify.plan.owner_mail import MailedReport, OwnerMail, owner_mail
from lib.notify.plan.run_result import RunResult
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


@dataclass(frozen=True)
class _Given:
    """One mapping of the file; what is wrong with it is added to `problems`."""

    values: Mapping[str, Any]
    #: For people: `simplify_dashboard_daily, profile 2`.
    where: str
    problems: list[str]

    def problem(self, text: object) -> None:
        self.problems.append(f"{self.where}: {text}")

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            self.problem(f"{name} must be a text")
            return ""

        return value.strip() if name != "body" else value.rstrip()

    def choice(self, name: str, options: Iterable[str], default: str = "") -> str:
        options = tuple(options)
        value = self.values.get(name, default)

        if value not in options:
            self.problem(f"{name} must be one of {', '.join(options)}")
            return default

        return str(value)

    def flag(self, name: str) -> bool:
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            self.problem(f"{name} must be true or false")

        return bool(value)

    def each(
        self,
        name: str,
        item: str,
        fields: tuple[str, ...],
    ) -> Iterator[_Given]:
        """Yield the mappings in the list of that name, each with a place of its own."""
        found = self.values.get(name) or []
        if not isinstance(found, list):
            self.problem(f"{name} must be a list")
            return

        for number, given in enumerate(found, 1):
            yield from _mapping(given, f"{self.where}, {item} {number}", fields, self.problems)


def _mapping(
    given: Any,
    where: str,
    fields: tuple[str, ...],
    problems: list[str],
) -> Iterator[_Given]:
    """Yield what is given if it is a mapping that says anything; nothing with a problem if not."""
    found = _Given(given, where, problems)

    if not isinstance(given, Mapping):
        found.problem(f"it must have {', '.join(fields)}")
        return

    unknown = sorted(str(name) for name in given if name not in fields)
    if unknown:
        found.problem(f"unknown {', '.join(unknown)}; known are {', '.join(fields)}")

    if given:
        yield found


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
                continue

            for pipeline in _mapping(given, str(code), _PIPELINE, self.problems):
                yield self._row(
                    pipeline,
                    Table.PIPELINES,
                    (str(code),),
                    {"description": pipeline.text("description")},
                )

                for profile in pipeline.each("profiles", "profile", _PROFILE):
                    yield from self._profile(str(code), profile)

    def _profile(self, pipeline: str, given: _Given) -> Iterator[ConfigurationRow]:
        key = (pipeline, given.text("code"), given.choice("env", _ENVS, ANY_ENV))
        scope = given.choice("scope", Scope)
        attach = given.choice("attach", AttachMode)

        if scope and attach:
            problem = attachments.contradiction(Scope(scope), AttachMode(attach))
            if problem:
                given.problem(problem)

        values: dict[str, Value] = {
            "description": given.text("description"),
            "scope": scope,
            "attach_mode": attach,
            "is_active": True,
            "resend_uncertain": given.flag("resend_uncertain"),
        }

        yield self._row(given, Table.PROFILES, key, values)
        yield self._template(given, key, scope)

        for recipient in given.each("recipients", "recipient", _RECIPIENT):
            yield from self._recipient(recipient, key)

    def _template(
        self,
        given: _Given,
        profile: tuple[str, ...],
        scope: str,
    ) -> ConfigurationRow:
        texts = {"subject": given.text("subject"), "body": given.text("body")}

        for what, text in texts.items():
            try:
                render(text, _example(scope), what)
            except templates.TemplateProblem as problem:
                given.problem(problem)

        values: dict[str, Value] = {
            "subject_template": texts["subject"],
            "body_template": texts["body"],
            "is_active": True,
        }
        return self._row(given, Table.TEMPLATES, (*profile, "default"), values)

    def _recipient(
        self,
        given: _Given,
        profile: tuple[str, ...],
    ) -> Iterator[ConfigurationRow]:
        try:
            address = checked(given.text("address"), str(given.values.get("name") or ""))
        except InvalidAddress as error:
            given.problem(error)
            return

        # Codes are compared in upper case everywhere.
        store = str(given.values.get("store") or "").strip().upper()
        env = given.choice("env", _ENVS, ANY_ENV)

        values: dict[str, Value] = {
            "send_as": given.choice("as", SendAs, SendAs.TO),
            "display_name": address.display_name or None,
            "is_active": True,
        }
        key = (*profile, store, env, address.mailbox.lower())
        yield self._row(given, Table.RECIPIENTS, key, values)

    def _row(
        self,
        given: _Given,
        table: Table,
        key: tuple[str, ...],
        values: Mapping[str, Value],
    ) -> ConfigurationRow:
        if (table, key) in self._seen:
            given.problem("it is there twice")

        self._seen.add((table, key))
        return ConfigurationRow(table, key, values)


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

    said = _example_of(facts, run, store)

    return template_variables(
        facts,
        run,
        store,
        said,
    )


def _example_of(
    facts: Facts,
    run: RunSummaryRow,
    store_code: str | None,
) -> RunResult | OwnerMail:
    if store_code is None:
        return RunResult("OK", "1 of 1 reports made.")

    report = MailedReport(
        run.pipeline_name,
        date(2025, 11, 14),
        store_code,
        facts.name_of(store_code),
    )
    return owner_mail(report, is_attached=True, has_answer=True)
