"""Views: request in, one call, page out."""
