"""How a run gets a session that is proven to open TMS, and keeps it."""
