"""The tables of the core, read from the database as of any day, as known at any moment."""
