"""A browser for the login: which program, its start, its processes, its certain end."""
