import pytest

from lib.db.sqlstates import ADVICE, PASSING, Remedy, advice, remedy_of


@pytest.mark.parametrize(
    ("state", "remedy"),
    [
        (None, Remedy.WAIT),
        ("", Remedy.WAIT),
        ("08006", Remedy.WAIT),
        ("25006", Remedy.WAIT),
        ("40P01", Remedy.WAIT),
        ("53100", Remedy.WAIT),
        ("53300", Remedy.WAIT),
        ("55006", Remedy.WAIT),
        ("55P03", Remedy.WAIT),
        ("57014", Remedy.WAIT),
        ("57P01", Remedy.WAIT),
        ("57P05", Remedy.WAIT),
        ("58030", Remedy.WAIT),
        ("42501", Remedy.PERSON),
        ("3F000", Remedy.PERSON),
        ("42P01", Remedy.PERSON),
        ("42703", Remedy.PERSON),
        ("42P07", Remedy.PERSON),
        ("28P01", Remedy.PERSON),
        ("3D000", Remedy.PERSON),
        ("57P04", Remedy.PERSON),
        ("0A000", Remedy.PERSON),
        ("22P05", Remedy.PERSON),
        ("XX001", Remedy.PERSON),
        ("23505", Remedy.CODE),
        ("22003", Remedy.CODE),
        ("42601", Remedy.CODE),
        ("P0001", Remedy.CODE),
        ("XX000", Remedy.CODE),
    ],
)
def test_every_sqlstate_is_mended_by_one(state, remedy):
    assert remedy_of(state) is remedy


def test_no_state_both_passes_and_waits_for_a_person():
    both = [(one, other) for one in PASSING for other in ADVICE]
    assert [
        pair for pair in both if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])
    ] == []


def test_what_a_person_mends_has_a_next_step():
    assert advice("42P01").endswith("run: python -m jobs.migrate")
    assert all(advice(state) for state in ADVICE)
