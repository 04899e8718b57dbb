"""Areas, institutions, households, members, rosters."""
