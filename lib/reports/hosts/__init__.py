"""Worker hosts: where they draw a run's pages, and what runs on them.

Imported only where DRAW_SCHEDULER is set or a host offers itself: `engine` needs Dask distributed,
the extra `hosts` of pyproject.toml.
"""
