"""Rendering: from a page's HTML to a checked PDF, in processes that a page may hang or kill."""
