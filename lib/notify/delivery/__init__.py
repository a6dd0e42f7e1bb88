"""Sends what the outbox owes over SMTP, and records what became of each delivery."""
