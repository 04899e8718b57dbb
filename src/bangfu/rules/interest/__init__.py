"""Interest: normal interest of a piece of time, and of a line."""
