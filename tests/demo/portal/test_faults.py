import pytest

from demo.portal.faults import EXPORTS, PLACES, Endpoint, Fault, Kind


def test_every_csv_and_nothing_else_is_an_export() -> None:
    assert [endpoint.value for endpoint in Endpoint if endpoint in EXPORTS] == [
        *("missed_leads", "undelivered_all", "undelivered", "undelivered_over_10"),
        *("repeat_customers", "nonpackage_all", "nonpackage_undelivered"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "endpoint", "store", "strikes"),
    [
        (Fault(Kind.DROP), Endpoint.LOGIN, None, True),
        (Fault(Kind.DROP, Endpoint.DASHBOARD), Endpoint.DASHBOARD, "A668", True),
        (Fault(Kind.DROP, Endpoint.DASHBOARD), Endpoint.MISSED_LEADS, "A668", False),
        (Fault(Kind.DROP, store="A668"), Endpoint.MISSED_LEADS, "A668", True),
        (Fault(Kind.DROP, store="A668"), Endpoint.MISSED_LEADS, "a668", False),
        (Fault(Kind.DROP, store="A668"), Endpoint.LOGIN, None, False),
        (Fault(Kind.ZERO_ROWS), Endpoint.REPEAT_CUSTOMERS, "A668", True),
        (Fault(Kind.ZERO_ROWS), Endpoint.DASHBOARD, "A668", False),
    ],
)
def test_a_fault_strikes_where_it_is_meant_to(
    fault: Fault, endpoint: Endpoint, store: str | None, strikes: bool
) -> None:
    assert fault.strikes(endpoint, store) is strikes


@pytest.mark.parametrize(
    ("kind", "endpoint", "store"),
    [
        (Kind.ZERO_ROWS, Endpoint.DASHBOARD, None),
        (Kind.BOUNCED, Endpoint.LOGIN, None),
        (Kind.DROP, Endpoint.LOGIN, "A668"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(
    kind: Kind, endpoint: Endpoint, store: str | None
) -> None:
    with pytest.raises(ValueError, match=r"never happens at|leave store out"):
        Fault(kind, endpoint, store)


def test_a_store_cannot_be_named_for_what_is_not_about_one_store() -> None:
    with pytest.raises(ValueError, match="leave store out"):
        Fault(Kind.BOUNCED, store="A668")


@pytest.mark.parametrize("kind", Kind)
def test_a_fault_survives_json(kind: Kind) -> None:
    fault = Fault(
        kind,
        endpoint=min(PLACES.get(kind, {Endpoint.HOME})),
        times=2,
        seconds=0.5,
        name="MTD",
        text="So far",
    )
    assert Fault.from_json(fault.as_json()) == fault


def test_json_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="tmies"):
        Fault.from_json({"kind": "drop", "tmies": 2})
