"""The reports of a daily run, drawn while the portal is still being asked (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from lib import log
from lib.model import Phase
from lib.reports.build.daily import DailyReports
from lib.reports.build.make import ReportOutcome


class EarlyReports:
    """What a run owes. Each report is begun once, when nothing more is read for its store.

    So each shows what it would show if the run drew all of them at its end.
    """

    def __init__(self, reports: DailyReports, owed: Sequence[str]) -> None:
        self._reports = reports
        self._waiting = dict.fromkeys(owed)
        self._begun: list[str] = []
        self._is_early = True

    @property
    def owed(self) -> list[str]:
        """The stores whose report is begun or waits for its beginning."""
        return [*self._begun, *self._waiting]

    def begin(self, stores: Iterable[str]) -> None:
        """Begin what is owed of the stores.

        Never raises an Exception: the report phase meets it again, for what the portal shows is
        read first.
        """
        if not self._is_early:
            return

        try:
            for code in stores:
                self._begin(code)
        except Exception as error:  # noqa: BLE001 - see above
            self._is_early = False
            with log.phase(Phase.REPORT):
                log.warning("reports are begun only when all is read", error=error)

    def limit_to(self, stores: Collection[str]) -> None:
        """Give up what is neither begun nor of these stores."""
        for code in [code for code in self._waiting if code not in stores]:
            del self._waiting[code]

    def outcomes(self) -> Iterator[ReportOutcome]:
        """Begin what still waits; yield the outcome of every report as it ends, in any order."""
        for code in [*self._waiting]:
            self._begin(code)

        yield from self._reports.outcomes()

    def combined(self, stores: Sequence[str]) -> Iterator[ReportOutcome]:
        """Make the report of all these stores, `ALL`, from what is stored; yield its outcome."""
        yield from self._reports.combined(stores)

    def _begin(self, code: str) -> None:
        if code in self._waiting:
            self._reports.begin(code)
            del self._waiting[code]
            self._begun.append(code)
