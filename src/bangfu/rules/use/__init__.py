"""Use: production only, and not by an enterprise."""
