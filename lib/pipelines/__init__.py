"""The tables of contents: the only place where services meet."""
