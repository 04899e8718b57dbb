"""The addresses of each folder."""
