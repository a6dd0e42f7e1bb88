"""The values that all of lib/notify speaks in: rows, addresses, mails and what became of them."""
