"""Age: full years on the application day."""
