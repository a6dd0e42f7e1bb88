"""The calendar. Zones with summer time, with half-hour shifts and with a day that never was."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import dates
from lib.dates import DAY, Period
from lib.errors import ExitCode, UsageError

ZONES = [
    "Asia/Kolkata",
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # shifts by 30 minutes
    "Pacific/Apia",  # had no 30 December 2011
    "Africa/Cairo",  # shifts at midnight
    "Pacific/Kiritimati",  # UTC+14
]
MINUTE = timedelta(minutes=1)
KOLKATA = ZoneInfo("Asia/Kolkata")

zones = st.sampled_from(ZONES).map(ZoneInfo)
instants = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


def minutes(first, last):
    """Yield every UTC minute from the start of `first` to the end of `last`."""
    start = datetime.combine(first, datetime.min.time(), UTC)
    for minute in range(((last - first).days + 1) * 24 * 60):
        yield start + minute * MINUTE


class TestText:
    """Instants as machines and people read them, always in UTC."""

    AT = datetime(2025, 11, 15, 8, 30, 5, 250_000, tzinfo=KOLKATA)

    def test_machines_read_a_z_and_the_precision_that_was_asked_for(self):
        assert dates.iso_utc(self.AT) == "2025-11-15T03:00:05.250000Z"

        assert dates.iso_utc(self.AT.replace(microsecond=0)) == "2025-11-15T03:00:05Z"
        assert dates.iso_utc(self.AT, "milliseconds") == "2025-11-15T03:00:05.250Z"

    def test_people_read_the_minute(self):
        assert dates.minute(self.AT) == "2025-11-15 03:00 UTC"


class TestToday:
    """The calendar day of a zone, and T, the day before it."""

    def test_every_minute_of_a_leap_year_in_india(self):
        since_epoch = (
            datetime(2024, 1, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        ) // MINUTE
        for number, at in enumerate(minutes(date(2024, 1, 1), date(2024, 12, 31)), since_epoch):
            assert dates.today(KOLKATA, at) == date(1970, 1, 1) + timedelta(
                days=(number + 330) // 1440
            )

    @pytest.mark.parametrize("name", ZONES)
    @pytest.mark.parametrize(
        "middle",
        [
            pytest.param(date(2011, 12, 30), id="skipped-day-in-Apia"),
            pytest.param(date(2024, 2, 29), id="leap-day"),
            pytest.param(date(2025, 3, 9), id="New-York-forward"),
            pytest.param(date(2025, 10, 26), id="Berlin-back"),
            pytest.param(date(2025, 10, 31), id="Cairo-back-at-midnight"),
            pytest.param(date(2026, 1, 1), id="year-end"),
            pytest.param(date(2026, 4, 5), id="Lord-Howe-back"),
        ],
    )
    def test_every_minute_around_an_odd_day_has_the_day_of_its_wall_clock(self, name, middle):
        zone, before = ZoneInfo(name), None
        for at in minutes(middle - 2 * DAY, middle + 2 * DAY):
            day = dates.today(zone, at)
            wall = at.replace(tzinfo=None) + zone.utcoffset(at.astimezone(zone))
            assert day == wall.date()
            assert before is None or day >= before
            before = day

    @pytest.mark.parametrize("name", ZONES)
    def test_the_day_changes_at_every_midnight_of_thirty_years_and_not_a_minute_before(self, name):
        zone = ZoneInfo(name)
        for day in Period(date(2010, 1, 1), date(2039, 12, 31)).days():
            midnight = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
            if (name, day) != ("Pacific/Apia", date(2011, 12, 30)):  # the day that never was
                assert dates.today(zone, midnight - MINUTE) < day == dates.today(zone, midnight)

    @given(zones, instants)
    def test_the_report_day_is_over_and_the_next_one_is_not(self, zone, at):
        run_on = dates.today(zone, at)
        midnight = datetime.combine(run_on, datetime.min.time(), zone).astimezone(UTC)

        assert midnight <= at
        assert dates.report_day(run_on) == run_on - DAY

    @given(zones, instants, st.sampled_from(ZONES).map(ZoneInfo))
    def test_the_zone_of_the_host_makes_no_difference(self, zone, at, host):
        assert dates.today(zone, at.astimezone(host)) == dates.today(zone, at)

    @pytest.mark.parametrize(
        ("utc", "run_on"),
        [
            pytest.param("2025-11-14T18:29:59", "2025-11-14", id="last-second-of-the-day-in-India"),
            pytest.param("2025-11-14T18:30:00", "2025-11-15", id="midnight-in-India"),
            pytest.param("2025-11-14T23:59:59", "2025-11-15", id="before-midnight-UTC"),
            pytest.param("2025-11-15T00:00:00", "2025-11-15", id="midnight-UTC"),
            pytest.param("2025-02-28T18:30:00", "2025-03-01", id="month-end"),
            pytest.param("2024-02-28T18:30:00", "2024-02-29", id="leap-day"),
            pytest.param("2025-12-31T18:30:00", "2026-01-01", id="year-end"),
        ],
    )
    def test_a_host_in_utc_follows_the_indian_day(self, utc, run_on):
        assert dates.today(KOLKATA, datetime.fromisoformat(f"{utc}+00:00")) == date.fromisoformat(
            run_on
        )

    def test_an_instant_without_a_zone_is_a_bug(self):
        with pytest.raises(ValueError, match="without a time zone"):
            dates.today(KOLKATA, datetime(2025, 11, 14))  # noqa: DTZ001

    def test_now_is_aware_and_in_utc(self):
        assert dates.now().tzinfo is UTC


class TestPeriod:
    """Whole days, both ends included."""

    def test_it_has_its_first_and_its_last_day(self):
        period = Period(date(2024, 2, 28), date(2024, 3, 1))

        assert list(period.days()) == [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)]
        assert [day in period for day in (date(2024, 2, 27), date(2024, 2, 28), date(2024, 3, 1), date(2024, 3, 2))] == [
            False,
            True,
            True,
            False,
        ]  # fmt: skip
        assert str(period) == "2024-02-28 to 2024-03-01"

    def test_it_may_be_one_day_but_never_less(self):
        assert list(Period(date(2025, 1, 1), date(2025, 1, 1)).days()) == [date(2025, 1, 1)]
        with pytest.raises(ValueError, match="before it begins"):
            Period(date(2025, 1, 2), date(2025, 1, 1))

    @given(days)
    def test_a_week_is_seven_days_from_monday_and_holds_its_day(self, day):
        week = dates.week_of(day)

        assert [each.isoweekday() for each in week.days()] == [1, 2, 3, 4, 5, 6, 7]
        assert day in week

    @given(days)
    def test_a_month_holds_its_day_and_touches_its_neighbours(self, day):
        month = dates.month_of(day)

        assert day in month
        assert {(each.year, each.month) for each in month.days()} == {(day.year, day.month)}
        assert (month.first.day, (month.last + DAY).day) == (1, 1)


class TestLastComplete:
    """The latest period that is over: never the one that today belongs to (lesson 11)."""

    @pytest.mark.parametrize(
        ("today", "first", "last"),
        [
            pytest.param("2025-11-17", "2025-11-10", "2025-11-16", id="Monday"),
            pytest.param("2025-11-18", "2025-11-10", "2025-11-16", id="Tuesday"),
            pytest.param("2025-11-19", "2025-11-10", "2025-11-16", id="Wednesday"),
            pytest.param("2025-11-20", "2025-11-10", "2025-11-16", id="Thursday"),
            pytest.param("2025-11-21", "2025-11-10", "2025-11-16", id="Friday"),
            pytest.param("2025-11-22", "2025-11-10", "2025-11-16", id="Saturday"),
            pytest.param("2025-11-23", "2025-11-10", "2025-11-16", id="Sunday"),
            pytest.param("2026-01-01", "2025-12-22", "2025-12-28", id="New-Year"),
            pytest.param("2026-01-05", "2025-12-29", "2026-01-04", id="week-over-the-year-end"),
        ],
    )
    def test_week(self, today, first, last):
        assert str(dates.last_complete_week(date.fromisoformat(today))) == f"{first} to {last}"

    @pytest.mark.parametrize(
        ("today", "first", "last"),
        [
            pytest.param("2025-12-01", "2025-11-01", "2025-11-30", id="first-of-month"),
            pytest.param("2025-11-30", "2025-10-01", "2025-10-31", id="last-of-month"),
            pytest.param("2026-01-31", "2025-12-01", "2025-12-31", id="year-end"),
            pytest.param("2024-03-31", "2024-02-01", "2024-02-29", id="leap-February"),
            pytest.param("2025-03-01", "2025-02-01", "2025-02-28", id="common-February"),
        ],
    )
    def test_month(self, today, first, last):
        assert str(dates.last_complete_month(date.fromisoformat(today))) == f"{first} to {last}"

    @pytest.mark.parametrize(
        ("last_complete", "containing"),
        [(dates.last_complete_week, dates.week_of), (dates.last_complete_month, dates.month_of)],
        ids=["week", "month"],
    )
    def test_it_is_over_and_the_next_one_is_not(self, last_complete, containing):
        for offset in range(4 * 366):
            today = date(2023, 6, 1) + timedelta(days=offset)
            period = last_complete(today)
            assert period.last < today <= containing(period.last + DAY).last


class TestComplete:
    """Lists of complete periods, oldest first."""

    KINDS = pytest.mark.parametrize(
        ("last_complete", "containing"),
        [
            pytest.param(dates.last_complete_week, dates.week_of, id="weeks"),
            pytest.param(dates.last_complete_month, dates.month_of, id="months"),
        ],
    )

    @KINDS
    @given(first=days, age=st.integers(-40, 800))
    def test_no_gap_no_overlap_and_nothing_unfinished(self, last_complete, containing, first, age):
        today = first + timedelta(days=age)
        periods = dates.complete(first, today, containing)
        if containing(first).last >= today:
            assert periods == []
            return

        assert periods[0] == containing(first)
        assert periods[-1] == last_complete(today)
        assert [later.first for later in periods[1:]] == [
            earlier.last + DAY for earlier in periods[:-1]
        ]
        assert all(period == containing(period.first) for period in periods)

    def test_weeks_over_a_year_end(self):
        weeks = dates.complete(date(2025, 12, 24), date(2026, 1, 12), dates.week_of)
        assert [str(week) for week in weeks] == [
            "2025-12-22 to 2025-12-28",
            "2025-12-29 to 2026-01-04",
            "2026-01-05 to 2026-01-11",
        ]

    @pytest.mark.parametrize("containing", [dates.day_of, dates.week_of, dates.month_of])
    def test_there_is_none_yet_at_the_end_of_the_calendar(self, containing):
        assert dates.complete(date.max, date(2026, 1, 12), containing) == []

    def test_months_over_a_leap_february(self):
        months = dates.complete(date(2024, 1, 31), date(2024, 3, 31), dates.month_of)
        assert [str(month) for month in months] == [
            "2024-01-01 to 2024-01-31",
            "2024-02-01 to 2024-02-29",
        ]


GARBAGE = ["", " ", "yesterday", "2025", "14-11-2025", "2025/11/14", "20251114", "2025-11-14T00:00", " 2025-11-14", "2025-11-14\n", "२०२५-११-१४", "-2025-11-14"]  # fmt: skip


class TestParse:
    """What people type after --date and --period."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("2025-W46", "2025-11-10 to 2025-11-16", id="iso-week"),
            pytest.param(
                "2025-W01", "2024-12-30 to 2025-01-05", id="first-week-begins-in-the-old-year"
            ),
            pytest.param("2026-W53", "2026-12-28 to 2027-01-03", id="week-53-of-a-long-year"),
            pytest.param("2025-11-10", "2025-11-10 to 2025-11-16", id="its-Monday"),
            pytest.param("2025-11-16", "2025-11-10 to 2025-11-16", id="its-Sunday"),
        ],
    )
    def test_a_week(self, text, expected):
        assert str(dates.parse_week(text)) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("2025-10", "2025-10-01 to 2025-10-31", id="month"),
            pytest.param("2024-02", "2024-02-01 to 2024-02-29", id="leap-February"),
            pytest.param("2025-12", "2025-12-01 to 2025-12-31", id="December"),
            pytest.param("2025-10-31", "2025-10-01 to 2025-10-31", id="a-day-inside-it"),
        ],
    )
    def test_a_month(self, text, expected):
        assert str(dates.parse_month(text)) == expected

    def test_a_day(self):
        assert dates.parse_day("2024-02-29") == date(2024, 2, 29)

    @pytest.mark.parametrize(
        ("parse", "text"),
        [
            (dates.parse_day, "2025-02-29"),
            (dates.parse_day, "2025-13-01"),
            (dates.parse_day, "0000-01-01"),
            (dates.parse_week, "2025-W00"),
            (dates.parse_week, "2025-W53"),
            (dates.parse_week, "2025-W54"),
            (dates.parse_week, "0000-W01"),
            (dates.parse_week, "9999-12-31"),
            (dates.parse_month, "2025-00"),
            (dates.parse_month, "2025-13"),
            (dates.parse_month, "9999-12"),
        ],
        ids=lambda value: value if isinstance(value, str) else value.__name__,
    )
    def test_what_the_calendar_does_not_have_is_refused_by_name(self, parse, text):
        with pytest.raises(UsageError) as refusal:
            parse(text)

        assert str(refusal.value) == f"{text!r} does not exist in the calendar"
        assert refusal.value.exit_code is ExitCode.USAGE

    @pytest.mark.parametrize(
        ("parse", "others", "hint"),
        [
            pytest.param(
                dates.parse_day,
                ["2025-W46", "2025-10"],
                "a date; write it like 2025-11-14",
                id="day",
            ),
            pytest.param(
                dates.parse_time,
                ["9", "24:00", "09:60", "9:5", "09:00:00", "09.00", "9:00 am", "०९:००"],  # noqa: RUF001
                "a time of day; write it like 09:00",
                id="time",
            ),
            pytest.param(
                dates.parse_week,
                ["2025-10", "2025-W1", "2025W46", "2025-w46", "2025-W४६", "2025-W46-1"],
                "a week; write it like 2025-W46, or give a day inside it like 2025-11-14",
                id="week",
            ),
            pytest.param(
                dates.parse_month,
                ["2025-W46", "2025-1", "Oct 2025", "२०२५-१०"],
                "a month; write it like 2025-10, or give a day inside it like 2025-10-14",
                id="month",
            ),
        ],
    )
    def test_garbage_is_refused_with_the_right_form(self, parse, others, hint):
        for text in GARBAGE + others:
            with pytest.raises(UsageError) as refusal:
                parse(text)
            assert str(refusal.value) == f"{text!r} is not {hint}"

    @given(st.text())
    def test_any_text_is_a_period_or_a_usage_error(self, text):
        for parse in (dates.parse_day, dates.parse_time, dates.parse_week, dates.parse_month):
            try:
                parse(text)
            except UsageError:
                continue

    @given(days)
    def test_a_week_is_found_again_by_its_label(self, day):
        week = dates.week_of(day)
        assert dates.parse_week(dates.week_label(week)) == week

    @pytest.mark.parametrize(
        ("today", "complete"),
        [
            pytest.param("2025-11-15", False, id="inside"),
            pytest.param("2025-11-16", False, id="its-last-day"),
            pytest.param("2025-11-17", True, id="the-day-after"),
            pytest.param("2025-01-01", False, id="future"),
        ],
    )
    def test_a_period_is_refused_until_its_last_day_is_over(self, today, complete):
        week, today = dates.parse_week("2025-W46"), date.fromisoformat(today)
        if complete:
            assert dates.require_complete(week, today) is week
            return
        with pytest.raises(UsageError) as refusal:
            dates.require_complete(week, today)

        assert str(refusal.value) == (
            f"the period 2025-11-10 to 2025-11-16 is not complete yet: today is {today}; ask again after 2025-11-16"
        )
