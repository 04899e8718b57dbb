"""The command line: translate, one call, translate back."""
