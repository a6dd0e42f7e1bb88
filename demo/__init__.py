"""The demo and the base of the tests: a portal simulator, a mail sink, a throw-away PostgreSQL."""
