"""Facts of the portal's two sites, as data, and the errors that they can cause."""
