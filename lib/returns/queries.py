"""The SQL about forms that came back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from lib.db.tables import documents, form_answers, form_mailboxes, form_returns
from lib.domain.pipelines import PIPELINES
from lib.model import PRUNED, Pipeline, Status
from lib.returns.model import FormRefusal, ReturnedForm, ReturnedPdf

READ, REFUSED = "read", "refused"


def is_read(connection: Connection, digest: str) -> bool:
    """Return True if this very PDF was read before."""
    found = select(form_returns.c.id).where(
        form_returns.c.digest == digest,
        form_returns.c.state == READ,
    )

    return bool(connection.execute(select(found.exists())).scalar_one())


def is_refused(connection: Connection, pdf: ReturnedPdf) -> bool:
    """Return True if this very PDF of the same sender was refused before."""
    found = select(form_returns.c.id).where(
        form_returns.c.digest == pdf.digest,
        form_returns.c.state == REFUSED,
        form_returns.c.sender == pdf.sender,
    )

    return bool(connection.execute(select(found.exists())).scalar_one())


def names_report(connection: Connection, form: ReturnedForm) -> bool:
    """Return True if the form is of a daily report that was made, here and by that run."""
    table = documents.c
    found = exists().where(
        table.doc_type == PIPELINES[Pipeline.DAILY].document_type,
        table.doc_date == form.report_on,
        table.reference_name_2 == "run_id",
        table.reference_id_2 == form.run_id,
        table.reference_name_3 == "store_code",
        func.upper(table.reference_id_3) == form.store_code,
        table.status.in_([Status.OK, PRUNED]),
    )

    return bool(connection.execute(select(found)).scalar_one())


def store_read(
    connection: Connection,
    pdf: ReturnedPdf,
    form: ReturnedForm,
) -> bool:
    """Write what the form says; return False if another process has written it already.

    One that was refused before, such as one of a sender who is a reader by now, is read now.
    """
    of_report = {
        "store_code": form.store_code,
        "report_date": form.report_on,
        "run_id": form.run_id,
    }
    return_id = _store(connection, pdf, {"state": READ, "reason": "", **of_report})
    if return_id is None:
        return False

    rows = []

    for answer in form.answers:
        rows.append({"return_id": return_id, **asdict(answer)})

    connection.execute(delete(form_answers).where(form_answers.c.return_id == return_id))
    connection.execute(insert(form_answers), rows)
    return True


def store_refused(
    connection: Connection,
    pdf: ReturnedPdf,
    refusal: FormRefusal,
) -> None:
    """Write why the PDF is not read; what was read stays read."""
    _store(connection, pdf, {"state": REFUSED, "reason": str(refusal)})


def _store(
    connection: Connection,
    pdf: ReturnedPdf,
    values: dict[str, Any],
) -> int | None:
    """Write the row of the PDF, over one that was refused; return its id, None if it was read."""
    of_pdf = {
        "digest": pdf.digest,
        "sender": pdf.sender,
        "received_at": pdf.received_at,
    }
    statement = insert(form_returns).values(**of_pdf, **values)
    written = statement.on_conflict_do_update(
        index_elements=["digest"],
        set_={**of_pdf, **values, "read_at": func.now()},
        where=form_returns.c.state == REFUSED,
    )

    return connection.execute(written.returning(form_returns.c.id)).scalar_one_or_none()


def last_uid(
    connection: Connection,
    mailbox: str,
    uid_validity: int,
) -> int:
    """Return the last UID of the mailbox that was read; 0 for none.

    A server that numbers its mails anew says so by another UIDVALIDITY; then all are looked at
    again, and those that were read are known by their PDFs.
    """
    table = form_mailboxes.c
    query = select(table.last_uid).where(
        table.mailbox == mailbox,
        table.uid_validity == uid_validity,
    )

    return connection.execute(query).scalar_one_or_none() or 0


def advance(
    connection: Connection,
    mailbox: str,
    uid_validity: int,
    uid: int,
) -> None:
    """Write that the mailbox is read up to that UID, in the transaction of what was read."""
    values = {"uid_validity": uid_validity, "last_uid": uid, "updated_at": func.now()}
    statement = insert(form_mailboxes).values(mailbox=mailbox, **values)

    connection.execute(statement.on_conflict_do_update(index_elements=["mailbox"], set_=values))
