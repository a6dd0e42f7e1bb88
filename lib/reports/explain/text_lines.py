"""The figures of a page in words, line by line. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from lib import formatting
from lib.domain.pipelines import PIPELINES
from lib.model import Bucket
from lib.plural import counted
from lib.reports.explain import terms
from lib.reports.explain.model import RULES, Figure, Page, Rule, SentReport, StoredValue, Term
from lib.reports.explain.provenance import ExportAccount, ListSource

DOT = " · "


def lines(
    page: Page,
    figures: Sequence[Figure],
    zone: ZoneInfo,
    *,
    with_rows: bool,
) -> Iterator[str]:
    """Yield the lines about these figures of the page; customers' rows only `with_rows`."""
    yield from _about(page, zone)

    for figure in figures:
        yield ""
        place = "" if figure.section == figure.label else f" ({figure.section})"
        yield f"{figure.label}{place}: {DOT.join(figure.printed)}"

        for term in figure.terms:
            yield from _term_lines(term, page, zone)

        yield from _since_mailed(figure, page, zone)

    yield from _not_kept(figures, page, zone)
    wanted = _lists_of(figures)

    for source in page.lists:
        if source.bucket in wanted:
            yield ""
            yield from _list_lines(source)

            if with_rows:
                yield from _row_lines(page, source.bucket)

    yield ""
    yield from _rule_lines(figures)


def _about(page: Page, zone: ZoneInfo) -> Iterator[str]:
    job = PIPELINES[page.pipeline].job
    label = PIPELINES[page.pipeline].label(page.period)

    yield f"{job} report {label} of {page.store_name} ({page.store_code})"

    if not page.documents:
        yield "No report of it was made; this is what it would say now."

    for made in page.documents:
        error = f": {made.error}" if made.error else ""
        at = formatting.day_and_time(made.made_at, zone)
        yield f"{made.file_name}, {made.status}, row of {at}, run {made.run_id}{error}"

    if page.documents and not page.mailed:
        yield "No mail that brought it is known."

    for mailed in page.mailed:
        yield f"{_mail_text(mailed, zone)}."


def _mail_text(mailed: SentReport, zone: ZoneInfo) -> str:
    mail = mailed.mail
    at = formatting.day_and_time(mail.sent_at, zone)
    doubt = "" if mail.is_certain else ", which may not have arrived"

    return f"Mailed {at} to {counted(mail.readers, 'reader')}{doubt}"


def _term_lines(term: Term, page: Page, zone: ZoneInfo) -> Iterator[str]:
    yield f"  {term.text}: {term.rule}"

    for sentence in term.because:
        yield f"    {sentence}"

    for stored in term.stored:
        yield f"    {_stored_text(stored, page, zone)}"

    for bucket in term.lists:
        yield f"    The list is {bucket}; its export is told below."


def _stored_text(stored: StoredValue, page: Page, zone: ZoneInfo) -> str:
    day = formatting.day(stored.on)
    name = f"{stored.metric} of {day}"

    if stored.store_code != page.store_code:
        name = f"{stored.store_code} {name}"

    reading = page.readings.get((stored.store_code, stored.on))
    if reading is None:
        return f"{name}: not known, for no dashboard of that day is stored"

    value = "no value" if stored.value is None else terms.exact(stored.metric, stored.value)
    run = f"run {reading.run_id}" if reading.run_id else "by a run that no row tells of"
    text = f"{name}: {value}, read {formatting.day_and_time(reading.read_at, zone)}, {run}"

    if reading.first_read_at < reading.read_at:
        first = formatting.day_and_time(reading.first_read_at, zone)
        text += f"; first read {first}, and what a later reading lacks is of an earlier one"

    return text


def _since_mailed(figure: Figure, page: Page, zone: ZoneInfo) -> Iterator[str]:
    if not page.mailed:
        return

    newest = page.mailed[0]
    said, now = newest.said.get(figure.label), page.says.get(figure.label)
    when = formatting.day_and_time(newest.mail.sent_at, zone)

    if said is None:
        return

    if said == now:
        yield f"  Unchanged since it was mailed {when}."
    else:
        yield f"  Changed since it was mailed {when}. Then: {DOT.join(said)}"


def _not_kept(figures: Sequence[Figure], page: Page, zone: ZoneInfo) -> Iterator[str]:
    """Yield of how many figures it is not known whether they changed since the newest mail."""
    if not page.mailed:
        return

    newest = page.mailed[0]
    unknown = [figure for figure in figures if figure.label not in newest.said]

    if unknown:
        number = counted(len(unknown), "figure")
        subject = "it" if len(unknown) == 1 else "they"
        when = formatting.day_and_time(newest.mail.sent_at, zone)
        yield ""
        yield (
            f"The mail kept nothing of {number} above: whether {subject} changed since {when}"
            " is not known."
        )


def _lists_of(figures: Iterable[Figure]) -> frozenset[Bucket]:
    found: set[Bucket] = set()

    for figure in figures:
        for term in figure.terms:
            found.update(term.lists)

    return frozenset(found)


def _list_lines(source: ListSource) -> Iterator[str]:
    yield f"Export {source.bucket}"

    if source.reason:
        yield f"  Not known: {source.reason}."

    for account in source.accounts:
        yield f"  {_account_text(account)}"

        for reason, number in account.rejects.items():
            yield f"    {counted(number, 'row')} rejected: {reason}"


def _account_text(account: ExportAccount) -> str:
    counts = account.counts
    parts = []

    for name in ("inserted", "updated", "unchanged", "skipped", "rejected"):
        parts.append(f"{counts[name]} {name}")

    merged = f", merged into {account.merged_name}" if account.merged_name else ""

    return (
        f"of {formatting.day(account.seen_on)}: {account.file_name}{merged}, run {account.run_id}:"
        f" {counts['read']} read = {' + '.join(parts)}"
    )


def _row_lines(page: Page, bucket: Bucket) -> Iterator[str]:
    for row in page.rows.get(bucket, ()):
        cells = [f"{name} {text}" for name, text in row.items()]
        yield f"  {', '.join(cells)}"


def _rule_lines(figures: Iterable[Figure]) -> Iterator[str]:
    used: set[Rule] = set()

    for figure in figures:
        used.update(term.rule for term in figure.terms)

    if used:
        yield "Rules"

    for rule in Rule:
        if rule in used:
            yield f"  {rule}: {RULES[rule]}"
