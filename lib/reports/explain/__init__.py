"""Explain: every figure of a page back to what was read, by the functions that make the page."""
