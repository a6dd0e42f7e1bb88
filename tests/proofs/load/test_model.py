"""The table of docs/explanation/load.md is what the model says, and the model says what is known."""

from pathlib import Path

import pytest

from tests.proofs.load import model

DOCUMENT = Path(__file__).parents[3] / "docs" / "explanation" / "load.md"


def test_the_document_has_the_models_table():
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    rows = [*model.table(), *model.catch_up_table()]
    assert [row for row in rows if row not in lines] == []


def test_the_mean_of_answers_is_that_of_their_quantiles():
    assert model.mean_s(((0.0, 1.0), (0.5, 3.0), (1.0, 3.0))) == pytest.approx(2.5)


@pytest.mark.parametrize("portal", model.PORTALS, ids=lambda portal: portal.name)
def test_a_morning_is_never_longer_than_its_phases_in_a_row(portal):
    for cores in (1, 2, 16):
        arguments = (portal, 500, cores, model.MAIL_S)
        assert model.morning_s(*arguments) <= model.in_a_row_s(*arguments)


@pytest.mark.parametrize("portal", model.PORTALS, ids=lambda portal: portal.name)
def test_no_morning_is_shorter_with_more_than_two_processes(portal):
    for stores in (100, 1_000, 5_000):
        two, many = (model.morning_s(portal, stores, cores, model.MAIL_S) for cores in (2, 32))
        assert two == many
