"""When the mails of a run will be out, from how long its phases usually take. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from lib import dates
from lib.dates import DAY
from lib.model import Phase

#: Runs whose durations are looked at, the latest ones.
LAST_RUNS = 10
#: With fewer runs nothing is usual.
FEWEST_RUNS = 3
#: A phase is called slow when it takes longer than usual by this part of the usual time,
SLOW_PART = 0.1
#: and by this many seconds.
SLOW_S = 1.0

#: The phases that are timed. The parts of those in a group alternate; they are over before the next
#: group begins.
GROUPS = (
    (Phase.LOGIN,),
    (
        Phase.DOWNLOAD,
        Phase.MERGE,
        Phase.INGEST,
        Phase.AUDIT,
        Phase.CLEANUP,
        Phase.SCRAPE,
    ),
    (Phase.REPORT,),
    (Phase.RUN_SUMMARY,),
    (Phase.NOTIFY,),
)


_GROUP_OF = {phase: number for number, group in enumerate(GROUPS) for phase in group}


@dataclass(frozen=True)
class PastDurations:
    """What the latest runs say that did a whole report date by themselves."""

    #: Seconds by phase, a mapping for each run; a phase that is not named took no time.
    durations_s: Sequence[Mapping[str, float]]

    @property
    def is_known(self) -> bool:
        """Return False where the runs are too few to say what is usual."""
        return len(self.durations_s) >= FEWEST_RUNS

    def usual_s(self, phase: Phase) -> float:
        """Return the median of the phase's seconds."""
        return median(one.get(phase, 0.0) for one in self.durations_s)


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    #: Seconds of each phase that has begun.
    spent_s: Mapping[Phase, float]
    ended: Collection[Phase]
    #: Which part of a whole report date's work the run has to do; all of it where not named.
    shares: Mapping[str, float]

    def is_over(self, phase: Phase) -> bool:
        """Return True if the run does nothing more in the phase, also where it was left out."""
        begun = max((_GROUP_OF[one] for one in self.spent_s), default=-1)
        return phase in self.ended or _GROUP_OF[phase] < begun


@dataclass(frozen=True)
class SlowPhase:
    """A phase that takes longer than usual."""

    phase: Phase
    spent_s: float
    #: For the part of the work that this run has to do.
    usual_s: float


@dataclass(frozen=True)
class Forecast:
    """When the mails will be out, as of one moment."""

    at: datetime
    due_at: datetime
    #: None where it is not known what is usual.
    expected_at: datetime | None
    history: PastDurations
    progress: Progress

    @property
    def reserve_s(self) -> float:
        """Return how much later than now the mails could be and still be in time.

        It never shrinks faster than time goes by. Below 0 they are late.
        """
        return (self.due_at - (self.expected_at or self.at)).total_seconds()

    @property
    def is_late(self) -> bool:
        """Return True if the mails will be out after the deadline, or it is over."""
        return self.reserve_s < 0

    @property
    def slow(self) -> SlowPhase | None:
        """Return the phase that is most behind its usual time; None where none is slow."""
        if not self.history.is_known:
            return None

        found = []

        for phase, spent_s in self.progress.spent_s.items():
            usual_s = usual_of(phase, self.history, self.progress)

            if spent_s - usual_s >= max(SLOW_S, SLOW_PART * usual_s):
                found.append(SlowPhase(phase, spent_s, usual_s))

        return max(found, key=_excess_s, default=None)


def usual_of(phase: Phase, history: PastDurations, progress: Progress) -> float:
    """Return the seconds that the phase usually takes for the part of the work that is to do."""
    return history.usual_s(phase) * progress.shares.get(phase, 1.0)


def rest_of(history: PastDurations, progress: Progress) -> dict[Phase, float]:
    """Return the seconds that each phase which is not over usually still takes."""
    found = {}

    for phase in _GROUP_OF:
        if not progress.is_over(phase):
            usual_s = usual_of(phase, history, progress)
            found[phase] = max(usual_s - progress.spent_s.get(phase, 0.0), 0.0)

    return found


def forecast(
    at: datetime,
    due_at: datetime,
    history: PastDurations,
    progress: Progress,
) -> Forecast:
    """Return when the mails of a run that is so far at the instant `at` will be out."""
    expected_at = None

    if history.is_known:
        rest_s = sum(rest_of(history, progress).values())
        expected_at = at + timedelta(seconds=rest_s)

    return Forecast(at, due_at, expected_at, history, progress)


def due_at(report_on: date, deadline: time, zone: ZoneInfo) -> datetime:
    """Return when the mails of a report date must be out: on the run day, by the zone's clock."""
    return dates.instant(report_on + DAY, deadline, zone)


def progress_of_row(
    elapsed_s: float,
    durations_s: Mapping[str, float],
    shares: Mapping[str, float],
    history: PastDurations,
) -> Progress:
    """Return how far a run is of which only its row is seen, `elapsed_s` after its beginning.

    The row says which phases have ended. The rest of the time belongs to the group that goes on,
    whose phases have used up their usual time one after the other.
    """
    ended = {Phase(name): seconds for name, seconds in durations_s.items()}
    left_s = max(elapsed_s - sum(ended.values()), 0.0)
    known = Progress(dict(ended), ended, shares)
    spent = dict(ended)

    for group in GROUPS:
        usual = {}

        for phase in group:
            if not known.is_over(phase):
                usual[phase] = usual_of(phase, history, known)

        # A group without usual time is one that this pipeline or run does not have.
        if any(usual.values()):
            for phase, usual_s in usual.items():
                spent[phase] = min(usual_s, left_s)
                left_s -= spent[phase]

            break

    return Progress(spent, ended, shares)


def _excess_s(slow: SlowPhase) -> float:
    return slow.spent_s - slow.usual_s
