from datetime import date

import pytest

from lib.portal.dashboard.title import Title, launch_date, read, same_name
from lib.portal.site.errors import UndatedPage, UntitledPage

DAY = date(2025, 11, 26)
TUESDAY = date(2025, 12, 9)
NAME = "RIVERSIDE COLONY"


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["Partner Dashboard", NAME, "26 Nov 2025"], Title(NAME, None, DAY)),
        (["Partner Dashboard", NAME, "26 November 2025"], Title(NAME, None, DAY)),
        (["Partner Dashboard", NAME, "Dashboard Date: 26 Nov 2025"], Title(NAME, None, DAY)),
        (["Partner Dashboard", NAME, "Dashboard Date - 26 Nov 2025"], Title(NAME, None, DAY)),
        (["Partner Dashboard", NAME, "Dashboard Date :", "26 Nov 2025"], Title(NAME, None, DAY)),
        (["Partner Dashboard", "A668", NAME, "26 Nov 2025"], Title(NAME, "A668", DAY)),
        (["Partner Dashboard", NAME, "TS48", "26 Nov 2025"], Title(NAME, "TS48", DAY)),
        (["Partner Dashboard", f"{NAME} 26 Nov 2025"], Title(NAME, None, DAY)),
        ([NAME, "26 Nov 2025"], Title(NAME, None, DAY)),
        (["Heading", "SECTOR 7", "01 January 2026"], Title("SECTOR 7", None, date(2026, 1, 1))),
        (["Dashboard", NAME, "09 Sept 2026"], Title(NAME, None, date(2026, 9, 9))),
        (["Dashboard", NAME, "09 Sept. 2026"], Title(NAME, None, date(2026, 9, 9))),
        (["Dashboard", NAME, "Tue, 09 Dec 2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", f"{NAME} Tue, 09 Dec 2025"], Title(NAME, None, TUESDAY)),
        (
            ["Dashboard", NAME, "Dashboard Date: Tuesday 9 December 2025"],
            Title(NAME, None, TUESDAY),
        ),
        (["Dashboard", NAME, "09 Dec 2025 (Tue)"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "09 Dec 2025, Tuesday"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "9th Dec 2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "9th of December, 2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "Dec 09, 2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "Tue, Dec 9th, 2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "09-Dec-2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "Dashboard Date - 09-DEC-2025"], Title(NAME, None, TUESDAY)),
        (["Dashboard", NAME, "2025-12-09"], Title(NAME, None, TUESDAY)),
        (
            ["Dashboard", "MAY FLOWER 12", "1 May 2026"],
            Title("MAY FLOWER 12", None, date(2026, 5, 1)),
        ),
        (["Dashboard", "SUN CITY", "09 Dec 2025"], Title("SUN CITY", None, TUESDAY)),
        (["Dashboard", "SATURN MALL", "Tue 09 Dec 2025"], Title("SATURN MALL", None, TUESDAY)),
    ],
    ids=lambda value: " | ".join(value) if isinstance(value, list) else "",
)
def test_name_code_and_day_are_read_from_the_visible_lines(lines, title):
    assert read(lines) == title


@pytest.mark.parametrize(
    "lines", [[], ["Partner Dashboard", "26 Nov 2025"], ["Partner Dashboard", "A668"]]
)
def test_a_title_that_names_no_store_is_refused(lines):
    with pytest.raises(UntitledPage):
        read(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26/11/2025",
        "31 Feb 2025",
        "26 Nivose 2025",
        "26 Nov 25",
        "09/12/2025",
        "09-12-2025",
        "Sep 2025",
    ],
)
def test_a_title_without_a_readable_date_is_refused(text):
    with pytest.raises(UndatedPage):
        read(["Partner Dashboard", NAME, text])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("10-05-2024", date(2024, 5, 10)),
        (" 10/05/2024 ", date(2024, 5, 10)),
        ("1.5.2024", date(2024, 5, 1)),
        ("31-02-2024", None),
        ("2024-05-10", None),
        ("-", None),
    ],
)
def test_a_launch_date_is_day_month_year(text, day):
    assert launch_date(text) == day


def test_names_are_compared_without_case_and_spacing():
    assert same_name("Riverside  Colony", "RIVERSIDE COLONY")
    assert not same_name("Riverside Colony", "Riverside Colony II")
