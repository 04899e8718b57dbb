"""What each command does once it is called: translate, one call, translate back. Loaded only then."""
