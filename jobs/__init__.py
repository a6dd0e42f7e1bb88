"""One script per job: `python -m jobs.<name>` is the unit, the log tag and the make target."""
