"""The database: the one door to psycopg2, the tables, their revisions and their health."""
