"""The page about a fault drill."""
