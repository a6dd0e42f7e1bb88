"""Everything the jobs share.

The layers and who may import whom: `[tool.importlinter]` in pyproject.toml.
"""
