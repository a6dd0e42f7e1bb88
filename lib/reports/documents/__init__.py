"""Documents: a report as a file on disk and as a row of `documents`, and how long both are kept."""
