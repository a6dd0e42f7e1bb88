from demo.portal import names


def test_codes_and_names_of_two_thousand_stores_are_all_different() -> None:
    assert len({names.store_code(index) for index in range(2_000)}) == 2_000
    assert len({names.store_name(index) for index in range(2_000)}) == 2_000


def test_phones_have_ten_digits_in_a_range_that_nobody_has_and_are_unique_within_a_store() -> None:
    phones = {names.mobile(1_999, customer) for customer in range(50_000, 60_000)}

    assert len(phones) == 10_000
    assert all(len(phone) == 10 and phone.isdigit() and phone.startswith("5") for phone in phones)


def test_some_customers_keep_their_number_in_another_store() -> None:
    shared = {names.mobile(0, c) for c in range(1, 200)} & {
        names.mobile(1, c) for c in range(1, 200)
    }
    assert len(shared) == 3


def test_some_names_are_long_and_some_are_in_devanagari() -> None:
    everybody = [names.person_name(customer) for customer in range(100)]

    assert max(map(len, everybody)) > 80
    assert any("\u0900" <= name[0] <= "\u097f" for name in everybody)
