"""The one pikepdf that reads foreign files: what a filled-in form says.

Runs in a process of its own (`form_process`), because the file comes from outside.

Not the drawing of a field is read but its value: a letter that the field's font lacks is drawn as
another one, and a viewer may keep the drawing of before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from lib.domain import report_form
from lib.domain.report_form import FieldPart, ListKind
from lib.returns.model import Answer, FormRefusal, ReturnedForm, Said

if TYPE_CHECKING:
    import pikepdf

MAX_FIELDS = 20_000
MAX_DEPTH = 8
#: About 60 letters fit into a field that can be read; who types more has it kept up to here.
MAX_COMMENT_CHARS = 500

_STORE_CODE = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)
_RUN_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_NO_TICK = ("", "/Off")
#: The language of what follows, which may stand in a text (ISO 32000, 7.9.2.2).
_LANGUAGE = re.compile("\x1b[A-Za-z]{2}(?:-?[A-Za-z]{2})?\x1b")
#: Not printable, and part of how Hindi and Tamil are written.
_JOINERS = "\u200c\u200d"


class Unreadable(Exception):
    """The PDF is not read; `refusal` says why."""

    def __init__(self, refusal: FormRefusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def prepare() -> None:
    """Load the library, so that what its loading costs is no part of what a file costs."""
    import pikepdf  # noqa: F401


def read(content: bytes) -> ReturnedForm:
    """Return what the form says; raise Unreadable if it says nothing that can be used.

    Whatever else a file may do to the library that reads it is for the caller to bound.
    """
    import pikepdf

    try:
        # Without recovery: what is repaired may lack answers, and nobody would know which.
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            return _form(pdf)
    except pikepdf.PasswordError:
        raise Unreadable(FormRefusal.LOCKED) from None
    except (
        pikepdf.PdfError,
        pikepdf.ForeignObjectError,
        ValueError,
        KeyError,
        AttributeError,
        TypeError,
        IndexError,
        RuntimeError,
        OSError,
    ):
        # What was to be an array is a number, and the like: the file is no report of ours.
        raise Unreadable(FormRefusal.NO_PDF) from None


def _form(pdf: pikepdf.Pdf) -> ReturnedForm:
    store_code, report_on, run_id = _identity(pdf)

    form = pdf.Root.get("/AcroForm")
    fields = {} if form is None or "/Fields" not in form else _by_name(form)

    if not any(map(report_form.parsed, fields)):
        raise Unreadable(FormRefusal.NO_FORM)

    answers = tuple(_answers(fields))
    if not answers:
        raise Unreadable(FormRefusal.EMPTY)

    return ReturnedForm(store_code, report_on, run_id, answers)


def _identity(pdf: pikepdf.Pdf) -> tuple[str, date, str]:
    """Return store, report date and run as the PDF's own information has them."""
    said = {name.lstrip("/").lower(): str(value) for name, value in pdf.docinfo.items()}
    store_code = said.get(report_form.STORE_CODE, "")
    run_id = said.get(report_form.RUN_ID, "")

    # A weekly report names a period of two days; it has no form.
    with suppress(ValueError):
        report_on = date.fromisoformat(said.get(report_form.PERIOD, ""))

        if _STORE_CODE.fullmatch(store_code) and _RUN_ID.fullmatch(run_id):
            return store_code, report_on, run_id

    raise Unreadable(FormRefusal.NO_REPORT)


def _by_name(form: pikepdf.Object) -> dict[str, pikepdf.Object]:
    """Return the fields by name; raise Unreadable if two have one: a name is read back once."""
    found: dict[str, pikepdf.Object] = {}

    for name, field in _fields(form["/Fields"], "", 0):
        if name in found:
            raise Unreadable(FormRefusal.TWO_OF_A_NAME)

        if len(found) == MAX_FIELDS:
            raise Unreadable(FormRefusal.TOO_EXPENSIVE)

        found[name] = field

    return found


def _fields(
    nodes: pikepdf.Object,
    above: str,
    depth: int,
) -> Iterator[tuple[str, pikepdf.Object]]:
    """Yield name and field of all that have a name of their own, from the tree of fields."""
    if depth == MAX_DEPTH:
        return

    for node in nodes:
        own = str(node.get("/T", ""))
        name = f"{above}.{own}" if above and own else own or above

        if own:
            yield name, node

        kids = node.get("/Kids")
        if kids is not None:
            yield from _fields(kids, name, depth + 1)


def _answers(fields: dict[str, pikepdf.Object]) -> Iterator[Answer]:
    rows: dict[tuple[ListKind, int], dict[FieldPart, pikepdf.Object]] = {}

    for name, field in fields.items():
        if place := report_form.parsed(name):
            kind, number, part = place
            rows.setdefault((kind, number), {})[part] = field

    for (kind, number), parts in sorted(rows.items()):
        said = _said(parts)
        comment = _text(parts.get(FieldPart.COMMENT), "/V", MAX_COMMENT_CHARS)

        if said or comment:
            yield Answer(kind, number, _about(kind, parts), said, comment)


def _said(parts: dict[FieldPart, pikepdf.Object]) -> Said | None:
    yes, no = _is_ticked(parts.get(FieldPart.YES)), _is_ticked(parts.get(FieldPart.NO))

    if yes and no:
        return Said.BOTH

    if yes:
        return Said.YES

    return Said.NO if no else None


def _is_ticked(box: pikepdf.Object | None) -> bool:
    """Return True for any state but Off: programs name the other one as they like."""
    if box is None:
        return False

    state = box.get("/V", box.get("/AS", ""))
    return str(state) not in _NO_TICK


def _about(
    kind: ListKind,
    parts: dict[FieldPart, pikepdf.Object],
) -> str | None:
    """Return what the row is about, if all of its fields that say so say the same."""
    said = set()

    for field in parts.values():
        spoken = _text(field, "/TU", 200)
        said.add(report_form.about(kind, spoken) if spoken else None)

    said.discard(None)
    return said.pop() if len(said) == 1 else None


def _text(
    field: pikepdf.Object | None,
    name: str,
    most: int,
) -> str | None:
    """Return a text of the field on one line, cut to `most` letters; None where there is none."""
    value = None if field is None else field.get(name)
    if value is None:
        return None

    import pikepdf

    # Long texts may be streams; their bytes are those of a string.
    is_stream = isinstance(value, pikepdf.Stream)
    raw = str(pikepdf.String(value.read_bytes()) if is_stream else value)
    raw = _LANGUAGE.sub("", raw)

    # Half a letter pair of UTF-16 can be in a PDF and in no database.
    whole = raw[: 4 * most].encode("utf-8", "replace").decode()
    shown = "".join(one if one.isprintable() or one in _JOINERS else " " for one in whole)

    return " ".join(shown.split())[:most].rstrip() or None
