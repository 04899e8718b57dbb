"""The API for banks and counties: tokens, one call to a casework api, JSON out."""
