"""The site: a request in, one call to a casework api, a page out."""
