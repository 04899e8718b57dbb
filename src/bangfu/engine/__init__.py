"""The engine wires facts, policy and rules: batch, explain, check, audit, monitor."""
