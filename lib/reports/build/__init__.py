"""Build: from the request for a report to its file and its row."""
