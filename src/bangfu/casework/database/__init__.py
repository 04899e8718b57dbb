"""The ground floor: transactions with a scope, field types, protections that PostgreSQL itself keeps."""
