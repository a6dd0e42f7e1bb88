"""What log lines are made of: our own sentences, and values of which none is anybody's data.

An expression that is not listed here fails the test: whoever adds one says of which kind it is.

Source: docs/reference/contract.md#log-lines.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
SPEAKERS = {"log.info", "log.ok", "log.warning", "log.error", "log.ended"}
MAY_STAND_IN_A_MESSAGE = {
    "numbers and instants": {
        # lib.drill: what a drill chose, which start, how it ended.
        *("ending.code", "number", "plan.seed"),
        # lib.reports.hosts: hosts and processes that draw.
        *("counted(len(same), 'worker host')", "counted(processes, 'process', 'processes')"),
        "counted(offer.processes, 'process', 'processes')",
        # lib.portal: ages of the session, sessions left, how many requests are served at once.
        *("len(self._pool)", "made", "proven", "str(self._pace)", "wait_s"),
        *(
            "ATTEMPTS",
            "PATIENCE_S",
            "answers[0]",
            "attempt.num",
            "count",
            "dates.minute(first_at)",
        ),
        *(
            "decided",
            "more",
            "one.age_days",
            "rows",
            "size",
            "dates.minute(alert.first_at)",
        ),
        *(
            "alert.occurrences",
            "export.rejected",
            "export.seen_on",
            "problems",
            "TIMEOUT_S",
            "len(readers)",
            "oldest",
            "due.report_on",
            "per_minute",
            "planned",
            "rejected",
            "forms",
            "others",
            "known",
            "refused",
            "left",
            "removed",
        ),
        *(
            "self.files",
            "self.ref.report_on",
            "self.size_bytes",
            "tried",
        ),
    },
    "words of a closed set, such as the members of an enum": {
        # lib.drill: faults, guarantees, phases.
        *("JOB", "drill.plan.moment", "fault", "one.guarantee", "one.verdict"),
        *("plan.fault", "plan.moment"),
        *(
            "_LAST_WORDS.get(code, 'unexpected error; this is a bug')",
            "client.log_in(self.choice.stores)",
        ),
        *(
            "mail.state",
            "refusal",
            "outcome",
            "outcome.message",
            "due.pipeline",
            "phase",
            "unit or phase",
            "what",
        ),
        *("self.verb", "one.scheme", "verb", "verdict.status", "worst"),
    },
    "names that we or the operators gave: runs, revisions, profiles, chores, files": {
        # lib.drill: a backup's file, its revision, the page.
        *("restored.backup.path.name", "restored.revision or 'nothing'", "page_path"),
        # lib.reports.hosts: addresses of worker hosts, releases.
        *("', '.join(others)", "offer.host", "offer.release", "own"),
        *(
            "', '.join(waiting) or 'nothing'",
            "args.html.absolute()",
            "args.prometheus.absolute()",
            "one.kind",
            "kind.name",
            "self.kind.name",
            "self.setting",
            "killed",
            "mail.name",
        ),
        *("message.mail.profile", "now", "revision", "run_id", "self.name"),
    },
    "mail addresses, masked by lib.notify.addresses": {"people"},
    "sentences of ours, made where their parts are known: JobErrors, findings, reasons, problems with settings": {
        *(
            # What jobs.prune removed, in counts and ages.
            "', '.join(parts)",
            "closed",
            "ending(run, is_closed=is_closed)",
            "error",
            "one.reason",
            # What was seen or wrong, without anybody's data.
            "one.text",
            "line",
            "mail.reason",
            "message",
            "problem",
        ),
        *(
            "ready",
            "reason",
            "result.message",
            "result.reason",
            "self.why",
            "str(error)",
            "str(newer)",
            "text",
        ),
    },
}
ALLOWED = set().union(*MAY_STAND_IN_A_MESSAGE.values())


def spoken(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the message of every call that logs one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SPEAKERS:
            yield node.args[1 if ast.unparse(node.func) == "log.ended" else 0]


def values(message: ast.expr) -> Iterator[str]:
    """Yield every expression in a message that is not our own sentence."""
    match message:
        case ast.Constant():
            return
        case ast.JoinedStr():
            for part in message.values:
                if isinstance(part, ast.FormattedValue):
                    yield ast.unparse(part.value)
        case ast.IfExp():
            yield from values(message.body)
            yield from values(message.orelse)
        case _:
            yield ast.unparse(message)


def test_no_log_message_holds_a_value_that_nobody_has_vouched_for():
    strangers = [
        f"{file.relative_to(ROOT)}:{message.lineno}: {value}"
        for folder in ("lib", "jobs")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for message in spoken(ast.parse(file.read_text()))
        for value in values(message)
        if value not in ALLOWED
    ]
    assert strangers == []


def test_an_error_is_described_never_quoted():
    """`str()` and `repr()` of what was caught as a foreign error stand nowhere.

    Lib.errors.describe says what it was.
    """
    quoting = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("lib", "jobs")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for handler in ast.walk(ast.parse(file.read_text()))
        if isinstance(handler, ast.ExceptHandler) and handler.name and _is_foreign(handler.type)
        for node in ast.walk(handler)
        if _quotes(node, handler.name)
    ]

    assert quoting == []


FOREIGN = {
    "Exception",
    "BaseException",
    "OSError",
    "ValueError",
    "KeyError",
    "TypeError",
    "Error",
    "DBAPIError",
    "YAMLError",
}


def _is_foreign(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(each is None or ast.unparse(each).rpartition(".")[2] in FOREIGN for each in kinds)


def _quotes(node: ast.AST, name: str) -> bool:
    """Tell whether the node is `str(name)`, `repr(name)`, `name.args` or an f-string with `{name}`."""
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=what)]):
            return what == name
        case ast.Attribute(value=ast.Name(id=what), attr="args"):
            return what == name
        case ast.FormattedValue(value=ast.Name(id=what)):
            return what == name
    return False
