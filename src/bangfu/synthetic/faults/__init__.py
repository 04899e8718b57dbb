"""The faults that are planted, one function each; every one in a household of its own, so that they do not mix."""
