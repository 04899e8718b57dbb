"""The application, its reviews, the bank's decision."""
