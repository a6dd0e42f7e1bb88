"""A dashboard page as typed values. Pure."""
