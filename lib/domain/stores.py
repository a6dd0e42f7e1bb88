"""Store codes that several services know."""

from __future__ import annotations

#: The code of the combined report about all stores of a pipeline and report date.
ALL = "ALL"
