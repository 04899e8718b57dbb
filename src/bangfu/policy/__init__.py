"""Policy is data: one pack for each official document, resolved by place, product and day with provenance."""
