"""Redacted copies of pages that nobody has described yet."""
