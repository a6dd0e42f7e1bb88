"""Runs jobs in forks of a process that has imported everything: half a second less for each.

What is the same as with `python -m`: a process of its own with its own arguments, environment, directory, files and
ending. What is not: nothing is imported, so nothing can fail to be, and the interpreter's own options and variables
(PYTHON…, LANG) are those of the server. tests/jobs starts every job for real.
"""
