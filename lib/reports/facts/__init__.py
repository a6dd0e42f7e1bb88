"""Facts: what the database knows about a store and a day or period, read and never judged."""
