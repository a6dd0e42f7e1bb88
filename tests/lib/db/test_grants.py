import pytest

from lib.db.grants import for_message


@pytest.mark.parametrize(
    ("message", "statement"),
    [
        (
            "permission denied for schema public",
            "GRANT USAGE, CREATE ON SCHEMA public TO jobs;",
        ),
        (
            "permission denied for table missed_leads",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE missed_leads TO jobs;",
        ),
        (
            "permission denied for sequence documents_id_seq",
            "GRANT USAGE, SELECT ON SEQUENCE documents_id_seq TO jobs;",
        ),
        (
            'permission denied to create temporary tables in database "Daily Jobs"',
            'GRANT CONNECT, TEMPORARY ON DATABASE "Daily Jobs" TO jobs;',
        ),
        ("must be owner of table documents", "ALTER TABLE documents OWNER TO jobs;"),
        ("permission denied for large object 5", None),
    ],
)
def test_the_statement_is_the_one_that_gives_the_right(message, statement):
    assert for_message(message, "jobs") == statement


def test_a_name_that_needs_quotes_has_them():
    assert for_message("permission denied for schema public", 'Night"Jobs').endswith(
        'TO "Night""Jobs";'
    )
