"""The names under which reports arrive: names that a person can file. The file on disk has its own.

Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from lib.domain.pipelines import PIPELINES
from lib.model import Pipeline
from lib.notify.model.rows import Document, Facts, RunSummaryRow
from lib.period_names import period_name

#: What file systems and mail programs give a meaning to, or refuse in a name.
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u0085\u2028\u2029]+')
#: Of a store's name. With the period and `.pdf` a name stays below the 255 bytes of a file system.
MOST_BYTES = 180


def named(
    facts: Facts,
    run: RunSummaryRow,
) -> tuple[Document, ...]:
    """Return the documents of a run, its reports with `shown_name`.

    That is the store, a long dash and the period: `Riverside Colony - Sat 28 Nov 2026.pdf`. Two
    stores of one name have their code in it. A document that is no report of this period keeps the
    name of its file.
    """
    on = run.report_on
    if run.pipeline_name not in set(Pipeline) or on is None:
        return facts.documents

    kind = PIPELINES[Pipeline(run.pipeline_name)].document_type
    period = period_name(run.pipeline_name, on, with_year=True)
    codes = set()

    for one in facts.documents:
        if one.store_code and one.doc_type == kind:
            codes.add(one.store_code)

    names = {code: _plain(facts.name_of(code)) for code in codes}
    shared = _shared(names.values())

    found = []

    for document in facts.documents:
        code = document.store_code
        if code in names and document.doc_type == kind:
            about = names[code] or code
            if names[code].casefold() in shared:
                about = f"{about} {code}"

            shown = f"{about} \N{EN DASH} {period}.pdf"
            found.append(replace(document, shown_name=shown))
        else:
            found.append(document)

    return tuple(found)


def _plain(name: str) -> str:
    """Return a store's name as a part of a file name; perhaps empty."""
    words = _UNSAFE.sub(" ", name).split()
    data = " ".join(words).strip(". ").encode()[:MOST_BYTES]

    # A letter that was cut in the middle is dropped.
    return data.decode(errors="ignore").rstrip()


def _shared(names: Iterable[str]) -> set[str]:
    counts = Counter(name.casefold() for name in names)
    found = set()

    for name, count in counts.items():
        if count > 1:
            found.add(name)

    return found
