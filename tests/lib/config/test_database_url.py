import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from lib.config.database_url import for_psycopg2


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        pytest.param("postgresql://u:p@h/d", "postgresql+psycopg2://u:p@h/d", id="plain"),
        pytest.param(
            "postgresql+psycopg2://u:p@h:5433/d",
            "postgresql+psycopg2://u:p@h:5433/d",
            id="psycopg2",
        ),
        pytest.param("postgresql+asyncpg://u:p@h/d", "postgresql+psycopg2://u:p@h/d", id="asyncpg"),
        pytest.param(
            "postgresql+asyncpg://h/d?a=1&ssl=verify-full",
            "postgresql+psycopg2://h/d?a=1&sslmode=verify-full",
            id="asyncpg-ssl",
        ),
        pytest.param(
            "postgresql+asyncpg://h/d?ssl=true",
            "postgresql+psycopg2://h/d?sslmode=require",
            id="ssl-true",
        ),
        pytest.param(
            "postgresql://h/d?sslmode=require",
            "postgresql+psycopg2://h/d?sslmode=require",
            id="sslmode",
        ),
        pytest.param(
            "postgresql:///d?host=/run/postgresql",
            "postgresql+psycopg2:///d?host=/run/postgresql",
            id="socket",
        ),
        pytest.param(
            "postgresql://u@[::1]:5432/d", "postgresql+psycopg2://u@[::1]:5432/d", id="ipv6"
        ),
        pytest.param(
            "postgresql://u:p%40ss@h/d", "postgresql+psycopg2://u:p%40ss@h/d", id="already-encoded"
        ),
        pytest.param(
            "postgresql://u:p@s:s@h/d", "postgresql+psycopg2://u:p%40s%3As@h/d", id="at-and-colon"
        ),
        pytest.param(
            "postgresql://u:1/2?3#4@h/d",
            "postgresql+psycopg2://u:1%2F2%3F3%234@h/d",
            id="slash-and-more",
        ),
        pytest.param("postgresql://u:100%@h/d", "postgresql+psycopg2://u:100%25@h/d", id="percent"),
        pytest.param(
            "postgresql://u:p@h/d?options=a@b",
            "postgresql+psycopg2://u:p@h/d?options=a@b",
            id="at-in-query",
        ),
    ],
)
def test_a_postgresql_url_is_understood(given_url, expected):
    assert for_psycopg2(given_url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h/d",
        "sqlite:///d",
        "mysql://u:p@h/d",
        "postgres://h/d",
        "postgresql:/h/d",
        "postgresql://h:port/d",
        "postgresql://h:65536/d",
        "postgresql://h:0/d",
    ],
)
def test_anything_else_is_refused(url):
    assert for_psycopg2(url) is None


# A slash after an @ could just as well begin the database's name, so such a password must be encoded by its author.
PASSWORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="/?%"),
    min_size=1,
)


@given(PASSWORDS)
def test_any_password_arrives(password):
    url = make_url(for_psycopg2(f"postgresql://u:{password}@h:5432/d"))
    assert (url.username, url.password, url.host, url.port, url.database) == (
        "u",
        password,
        "h",
        5432,
        "d",
    )
