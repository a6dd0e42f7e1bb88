"""The saved session: its file, its cookies, and the lock on the account."""
