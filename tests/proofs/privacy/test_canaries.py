"""The finder finds: a sweep that looks with closed eyes keeps no promise."""

import pytest

from tests.proofs.privacy.canaries import (
    DEVANAGARI,
    INSTRUCTION,
    NAME,
    PASSWORD,
    PHONE,
    PLANTED,
    TOKEN,
    Canaries,
    spellings,
)

ALL = Canaries(PLANTED)
SPELT = [
    (text, spelt)
    for text in (NAME, DEVANAGARI, PHONE, INSTRUCTION, PASSWORD, TOKEN)
    for spelt in spellings(text)
]


@pytest.mark.parametrize(
    ("text", "spelt"), SPELT, ids=[f"{text[:6]}-{number}" for number, (text, _) in enumerate(SPELT)]
)
def test_every_spelling_is_found_in_the_middle_of_a_line(text, spelt):
    assert ALL.found_in(
        f'{{"ts": "2025-11-17T01:30:00.000Z", "message": "failed: {spelt}, and so on"}}'
    )


def test_a_session_id_is_found_by_its_shape_and_a_checksum_is_none():
    assert ALL.found_in("set-cookie: ci_session=" + "0f" * 16) == ["0f" * 16]
    assert ALL.found_in("sha256 " + "0f" * 32) == []


def test_bytes_are_looked_at_too():
    assert ALL.found_in(b"%PDF \xff " + NAME.encode()) == ["quillmeer", "vasundhara"]


def test_our_own_words_are_no_canaries():
    assert (
        ALL.found_in(
            '{"run_id": "20251117_013000000000", "message": "daily ended: ok", "duration_ms": 5987}'
        )
        == []
    )
