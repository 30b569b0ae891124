"""Use cases: one function is one transaction. Knows the core, the SQL front-end and the ports."""
