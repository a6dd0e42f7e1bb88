"""Made-up names: stores, people, phone numbers. Pure; the same number always gets the same name.

Phones start with 5, which no Indian mobile number does, so that nothing here can be mistaken for a
person's.
"""

FIRST_CODES = (
    "A668", "A817", "T105", "TS48", "B002", "A900", "A526", "T112", "TS07", "B014", "A431", "A702",
    "T230", "TS91", "B033", "A555",
)  # fmt: skip
PLACES = (
    "RIVERSIDE", "LOTUS", "BANYAN", "SUNRISE", "MANGO", "LAKEVIEW", "TEMPLE", "STATION",
    "CLOCK TOWER", "OLD FORT", "ORCHARD", "SILVER OAK", "PEPPER", "COTTON MILL", "LIGHTHOUSE",
    "MARBLE", "SANDALWOOD", "PEACOCK", "JASMINE", "BLUE GATE", "HILL TOP", "CORAL", "NEEM TREE",
    "KITE",
)  # fmt: skip
KINDS = (
    "COLONY",
    "NAGAR",
    "VIHAR",
    "ROAD",
    "EXTENSION",
    "BAZAAR",
    "PHASE I",
    "GARDENS",
    "ENCLAVE",
    "CROSSING",
)
SYLLABLES = (
    "ba",
    "ko",
    "ri",
    "mu",
    "ta",
    "ne",
    "lo",
    "vi",
    "sha",
    "du",
    "pre",
    "jo",
    "ki",
    "za",
    "hem",
    "or",
)
DEVANAGARI = ("नमूना ग्राहक", "परीक्षण खाता", "काल्पनिक नाम", "उदाहरण व्यक्ति")
LONG_NAME = "Sample-Customer With A Name That Is Much Longer Than Any Column Was Ever Drawn For"
PEOPLE_PER_STORE = 100_000
ROAMING_EVERY = 61


def store_code(index: int) -> str:
    if index < len(FIRST_CODES):
        return FIRST_CODES[index]

    return f"{('A', 'T', 'TS', 'B')[index % 4]}{1000 + index}"


def store_name(index: int) -> str:
    lap, place = divmod(index, len(PLACES))
    block, kind = divmod(lap, len(KINDS))
    name = f"{PLACES[place]} {KINDS[(kind + place) % len(KINDS)]}"

    return name if block == 0 else f"{name} {block + 1}"


def person_name(customer: int) -> str:
    if customer % 41 == 0:
        return f"{LONG_NAME} {customer:05d}"

    if customer % 17 == 0:
        return f"{DEVANAGARI[customer // 17 % len(DEVANAGARI)]} {customer:05d}"

    return f"{_word(customer)} {_word(customer * 7 + 3)}"


def _word(number: int) -> str:
    size = len(SYLLABLES)
    parts = (number % size, number // size % size, number // size**2 % size)

    return "".join(SYLLABLES[part] for part in parts).capitalize()


def mobile(store_index: int, customer: int) -> str:
    """Ten digits, unique within a store.

    Some customers use several stores and keep their number there.
    """
    if customer % ROAMING_EVERY == 0:
        return str(5_900_000_000 + customer % PEOPLE_PER_STORE)

    return str(5_000_000_000 + store_index * PEOPLE_PER_STORE + customer % PEOPLE_PER_STORE)
