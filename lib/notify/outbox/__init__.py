"""The transactional outbox: what is owed to whom, written in the run's own transaction."""
