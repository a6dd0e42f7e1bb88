"""What `make demo` and the tests stand on: a portal simulator, its data, a mail sink and a throw-away PostgreSQL."""
