import re
from decimal import Decimal

import pytest

from lib.reports.render import dots_svg
from lib.reports.view.target_dots import target_dots

SIZE = (182, 14)


def dots(*shares, even=50):
    named = [(f"STORE {n}", Decimal(share)) for n, share in enumerate(shares)]
    return target_dots(named, Decimal(even), SIZE)


def circles(picture):
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', dots_svg.svg(picture))
    return [(float(x), float(y)) for x, y in found]


def test_each_store_has_a_dot_where_its_share_is():
    places = circles(dots(90, 10, 50))
    xs = [x for x, _ in places]

    assert len(places) == 3
    assert xs == sorted(xs)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2)


def test_stores_at_one_place_are_piled_up_inside_the_picture():
    ys = [y for _, y in circles(dots(*[60] * 300))]

    assert len(set(ys)) > 100
    assert min(ys) > 0
    assert max(ys) < 140


@pytest.mark.parametrize("share", ["-217", "100000000"])
def test_what_is_beyond_the_axis_stands_at_its_end(share):
    (x, _), *_ = circles(dots(share))
    assert 0 < x < 1820


def test_the_words_name_both_ends_and_count_those_behind():
    picture = dots(90, 10, 50, 120, even=60)

    assert (picture.lowest, picture.highest) == ("STORE 1 10.0%", "STORE 3 120.0%")
    assert picture.alt == (
        "Dots of 4 stores by share of the month's target. Lowest STORE 1 10.0%, highest"
        " STORE 3 120.0%; 2 below an even pace, 60.0%; 1 at the target or above."
    )


def test_no_target_at_all_is_no_picture():
    assert dots().is_empty
    assert dots().alt == "No store shows a target."
